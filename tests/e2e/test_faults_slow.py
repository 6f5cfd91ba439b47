"""Faults that take their time: a backend that hangs, one that never starts, visitors who hardly send. They run at once."""

import contextlib
import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from faults import GRACE, record, with_first_lines
from instance import Image, Probes, Service, starter
from visitor import TRANSPORTS
