"""The real hub, on a port of its own."""

import json
import os
import subprocess
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler, HTTPServer

PROGRAM = os.environ["LIVE_DASHBOARD_HUB"]
CHANNEL = "dashboard"


class Hub:
    """A hub that serves until it is stopped, and can be started again at the
    same address."""

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
        told = self.process.stdout.readline()
        self.url = told.split()[-1]
        self.listen = self.url.removeprefix("http://")
        command = [PROGRAM, "keys", "--api-key", "--data-dir", self.directory]
        self.key = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    def kill(self):
        """Ends it as a power cut would."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def ask(self, path, body=None):
        request = urllib.request.Request(
            self.url + path,
            data=body and json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.key}"},
        )
        # Proxies are the app's own matter.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=10) as answer:
            return json.load(answer)

    def count(self, channel=CHANNEL):
        """How many are subscribed."""
        return self.ask(f"/channels/{channel}")["subscriptionsCount"]

    def publish(self, event, data):
        self.ask("/publish", {"channel": CHANNEL, "event": event, "data": data})

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
    """A web server that is no hub."""

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
