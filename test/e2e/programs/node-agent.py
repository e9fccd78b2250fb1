# A stand-in for the EKS Pod Identity agent of a node: serves at the link-local address that the SDKs know, and gives
# credentials for a token of a ServiceAccount that is meant for it.
import base64
import fcntl
import json
import socket
import struct
from http.server import BaseHTTPRequestHandler, HTTPServer

ADDRESS = "169.254.170.23"
AUDIENCE = "pods.eks.amazonaws.com"
SET_ADDRESS, SET_NETMASK = 0x8916, 0x891C  # SIOCSIFADDR, SIOCSIFNETMASK


def add_address():
    """Gives the node's loopback interface the address, under a name of its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for call, value in ((SET_ADDRESS, ADDRESS), (SET_NETMASK, "255.255.255.255")):
            address = struct.pack("<HH4s8x", socket.AF_INET, 0, socket.inet_aton(value))
            fcntl.ioctl(control, call, struct.pack("<16s16s", b"lo:agent", address))


class Agent(BaseHTTPRequestHandler):
    def do_GET(self):
        _, payload, _ = self.headers["Authorization"].split(".")
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        is_ours = self.path == "/v1/credentials" and claims["aud"] == [AUDIENCE]
        self.send_response(200 if is_ours else 400)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        credentials = {
            "AccessKeyId": claims["sub"],
            "SecretAccessKey": "secret",
            "Token": "token",
            "Expiration": "2099-01-01T00:00:00Z",
        }
        self.wfile.write(json.dumps(credentials).encode())


add_address()
HTTPServer((ADDRESS, 80), Agent).serve_forever()
