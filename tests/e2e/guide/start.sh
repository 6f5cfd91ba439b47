#!/bin/bash
set -e
echo "Starting Nginx..."
nginx
echo "Starting Reflex backend with Uvicorn..."
cd /app
exec uvicorn asgi:app \\
  --host 0.0.0.0 \\
  --port 8000 \\
  --workers 1 \\
  --log-level info \\
  --access-log \\
  --no-use-colors
