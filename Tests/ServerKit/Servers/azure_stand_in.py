"""Stands in for Azure's giver of tokens and its metrics: azure_stand_in.py [CERTIFICATE KEY]. It says "ready PORT" when it listens.

It takes what the published interface takes (Azure REST API, Microsoft.Insights, Metrics - List, 2024-02-01) and refuses everything
else: unknown parameters, missing tokens, wrong secrets, grains and aggregations that do not exist. The minutes of the metric
"Percentage CPU" are 1, 2, 3 ... counted from the start of the hour; minute 7 of each hour has no number, minute 8 is not there.
"Two Series" has two, "Coarse" answers with another grain. A token lasts for an hour; the client "forgotten" gets one that is refused once.

The machine W is there, too. Its VmAvailabilityMetric tells for each minute what part of it the machine was up, and has no number for a minute
that is not over: POST /plug?up=0 pulls its plug, POST /plug?up=1 puts it in again.
"""
import json, re, ssl, sys, time as clock
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

TENANT, CLIENTS, SECRET = "11111111-2222-3333-4444-555555555555", {"client", "forgotten"}, "s3cret&more=1"
VM = "/subscriptions/S/resourceGroups/G/providers/Microsoft.Compute/virtualMachines/V"
GRAINS = {"PT1M": 60, "PT5M": 300, "PT15M": 900, "PT30M": 1800, "PT1H": 3600, "PT6H": 21600, "PT12H": 43200, "P1D": 86400}
AGGREGATIONS = {"average", "minimum", "maximum", "total", "count"}
KNOWN = {"timespan", "interval", "metricnames", "metricnamespace", "aggregation", "api-version", "top", "orderby", "$filter", "resultType", "AutoAdjustTimegrain", "ValidateDimensions"}
tokens, refused_once, served = {}, set(), 0
plug = [(0.0, True)]


def share(begin, end):
    """What part of the time the machine W was up; None as long as the end is to come."""
    if end > clock.time():
        return None
    changes = [(max(begin, at), up) for at, up in plug if at < end]
    spans = zip(changes, [at for at, _ in changes[1:]] + [end])
    return sum(later - at for (at, up), later in spans if up) / (end - begin)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def base(self):
        return f"{scheme}://127.0.0.1:{server.server_address[1]}"

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode(), keep_blank_values=True)
        one = {key: values[0] for key, values in form.items() if len(values) == 1}
        if urlsplit(self.path).path == "/plug":
            plug.append((clock.time(), urlsplit(self.path).query == "up=1"))
            return self.answer(200, {})
        if urlsplit(self.path).path != f"/{TENANT}/oauth2/v2.0/token":
            return self.answer(400, {"error": "invalid_request", "error_description": "AADSTS90002: Tenant not found."})
        if one.get("grant_type") != "client_credentials" or not one.get("scope", "").endswith("/.default"):
            return self.answer(400, {"error": "invalid_scope", "error_description": "AADSTS1002012: The scope is not valid."})
        if one.get("client_id") not in CLIENTS or one.get("client_secret") != SECRET:
            return self.answer(401, {"error": "invalid_client", "error_description": "AADSTS7000215: Invalid client secret provided."})
        token = f"token-{len(tokens)}"
        tokens[token] = one["client_id"]
        self.answer(200, {"token_type": "Bearer", "expires_in": 3600, "ext_expires_in": 3600, "access_token": token})

    def do_GET(self):
        parts = urlsplit(self.path)
        path = unquote(parts.path)
        if path.endswith("/.well-known/openid-configuration"):
            root = f"{self.base()}/{TENANT}"
            return self.answer(200, {"issuer": root, "authorization_endpoint": f"{root}/oauth2/v2.0/authorize", "token_endpoint": f"{root}/oauth2/v2.0/token"})
        if path == "/tokens":
            return self.answer(200, {"tokens": len(tokens)})
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if token not in tokens:
            return self.answer(401, {"error": {"code": "InvalidAuthenticationToken", "message": "The access token is invalid."}})
        if tokens[token] == "forgotten" and token not in refused_once and len(refused_once) == 0:
            refused_once.add(token)
            return self.answer(401, {"error": {"code": "ExpiredAuthenticationToken", "message": "The access token expired."}})
        if not path.endswith("/providers/Microsoft.Insights/metrics") and not path.endswith("/providers/microsoft.insights/metrics"):
            return self.answer(404, {"error": {"code": "InvalidResourceType", "message": path}})
        resource = re.sub("/providers/[mM]icrosoft.[iI]nsights/metrics$", "", path)
        if not resource.startswith("/"):
            resource = "/" + resource
        if resource not in (VM, VM[:-1] + "W"):
            return self.answer(404, {"error": {"code": "ResourceNotFound", "message": f"The resource {resource} was not found."}})
        query = {key: values[0] for key, values in parse_qs(parts.query, keep_blank_values=True).items()}
        unknown = {key for key in query if key.lower() not in {known.lower() for known in KNOWN}}
        grain, wanted = query.get("interval"), query.get("aggregation", "average").lower().split(",")
        if unknown or not query.get("api-version") or grain not in GRAINS or not set(wanted) <= AGGREGATIONS:
            return self.answer(400, {"code": "BadRequest", "message": f"unknown {sorted(unknown)}, grain {grain}, aggregations {wanted}"})
        match = re.fullmatch(r"([^/]+)/([^/]+)", query.get("timespan", ""))
        if not match:
            return self.answer(400, {"code": "BadRequest", "message": "no timespan"})
        begin, end = (datetime.fromisoformat(text.replace("Z", "+00:00")) for text in match.groups())
        name = query["metricnames"]
        if name not in ("Percentage CPU", "Two Series", "Coarse", "VmAvailabilityMetric"):
            return self.answer(400, {"code": "BadRequest", "message": f"Failed to find metric configuration for {name}"})
        data, step = [], timedelta(seconds=GRAINS[grain])
        time = begin.astimezone(timezone.utc).replace(tzinfo=timezone.utc)
        while time < end:
            point = {"timeStamp": time.strftime("%Y-%m-%dT%H:%M:%SZ")}
            part = share(time.timestamp(), (time + step).timestamp()) if resource.endswith("W") else 1.0
            if part is not None and (resource.endswith("W") or time.minute != 7):
                for kind in wanted:
                    point[kind] = part if resource.endswith("W") else (1.0 if time.minute % 3 else 0.0) if name == "VmAvailabilityMetric" else time.minute + 0.125
            if resource.endswith("W") or time.minute != 8:
                data.append(point)
            time += step
        series = [{"metadatavalues": [], "data": data}] * (2 if name == "Two Series" else 1)
        self.answer(200, {
            "cost": 0, "timespan": query["timespan"], "interval": "PT1H" if name == "Coarse" else grain, "namespace": "Microsoft.Compute/virtualMachines",
            "resourceregion": "westeurope",
            "value": [{"id": f"{resource}/providers/Microsoft.Insights/metrics/{name}", "type": "Microsoft.Insights/metrics", "errorCode": "Success",
                       "name": {"value": name, "localizedValue": name}, "displayDescription": "", "unit": "Percent", "timeseries": series}]})

    def log_message(self, *arguments):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
scheme = "http"
if len(sys.argv) > 2:
    scheme = "https"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(sys.argv[1], sys.argv[2])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print("ready", server.server_address[1], flush=True)
server.serve_forever()
