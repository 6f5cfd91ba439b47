"""Redis, as the portal's instances share it."""

import subprocess

from ground.asking import listens, wait_for
from ground.namespaces import end_with_us
from instance import HOST, Service

PORT = 6379
URL = f"redis://{HOST}:{PORT}"

# What service.yaml sets where state_manager = "redis".
production = Service("production").variables(secrets={"platform-portal-redis-url": URL})
WITH_REDIS = {name: production[name] for name in ("REFLEX_REDIS_URL", "REFLEX_STATE_MANAGER_MODE")}


class Redis:
    """A real one on HOST, empty each time it starts, for as long as the context lasts."""

    def __enter__(self):
        command = ["redis-server", "--bind", HOST, "--port", str(PORT), "--protected-mode", "no"]
        command += ["--save", "", "--appendonly", "no", "--dir", "/", "--daemonize", "no"]
        output = subprocess.DEVNULL
        self.process = subprocess.Popen(command, stdout=output, stderr=output, preexec_fn=end_with_us)
        wait_for(lambda: listens(PORT, HOST), 10, "Redis to listen")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
