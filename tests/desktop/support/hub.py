"""The real hub, on a free port."""

import json
import os
import subprocess
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

PROGRAM = os.environ["LIVE_DASHBOARD_HUB"]
CHANNEL = "dashboard"


class Hub:
    """A running hub, which can be killed and started again at the same address."""

    def __init__(self, directory, page=None):
        self.directory = f"{directory}/hub"
        self.page = ["--ui", page] if page else []
        self.listen = "127.0.0.1:0"
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--listen", self.listen, "--data-dir", self.directory, *self.page],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self.url = self.process.stdout.readline().split()[-1]
        self.listen = self.url.removeprefix("http://")
        command = [PROGRAM, "keys", "--api-key", "--data-dir", self.directory]
        self.key = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def kill(self):
        """Kills it, like a power failure."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def ask(self, path, body=None):
        request = urllib.request.Request(
            self.url + path,
            data=body and json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}"},
        )
        # Proxy settings are for the app only.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            return json.load(answer)

    def count(self, channel=CHANNEL):
        """The number of subscriptions."""
        return self.ask(f"/channels/{channel}")["subscriptionsCount"]

    def publish(self, event, data):
        self.ask("/publish", {"channel": CHANNEL, "event": event, "data": data, "store": 0})

    def stats(self, users, requests, errors, latency):
        self.publish(
            "stats-update",
            {
                "activeUsers": users,
                "requestsPerSec": requests,
                "errorRate": errors,
                "avgLatency": latency,
            },
        )


class Stranger:
    """A web server that is not a hub."""

    def __init__(self):
        class Quiet(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Quiet)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def end(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()
