"""What Azure's own library reads from the stand-in: azure_client.py BASE CERTIFICATE START END. It proves the stand-in, not us."""
import json, sys
from datetime import datetime, timedelta

from azure.core.exceptions import ClientAuthenticationError
from azure.identity import ClientSecretCredential
from azure.monitor.query import MetricAggregationType, MetricsQueryClient

base, certificate, start, end = sys.argv[1:]
tenant = "11111111-2222-3333-4444-555555555555"


def read(secret):
    credential = ClientSecretCredential(tenant, "client", secret, authority=base, disable_instance_discovery=True, connection_verify=certificate)
    client = MetricsQueryClient(credential, endpoint=base, audience=base, connection_verify=certificate)
    vm = "/subscriptions/S/resourceGroups/G/providers/Microsoft.Compute/virtualMachines/V"
    span = tuple(datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (start, end))
    answer = client.query_resource(vm, ["Percentage CPU"], timespan=span, granularity=timedelta(minutes=1), aggregations=[MetricAggregationType.AVERAGE])
    points = answer.metrics[0].timeseries[0].data
    return {point.timestamp.strftime("%Y-%m-%dT%H:%M:%SZ"): point.average for point in points}


try:
    read("wrong")
    refused = False
except ClientAuthenticationError as error:
    refused = "AADSTS7000215" in str(error)
print(json.dumps({"refused": refused, "points": read("s3cret&more=1")}))
