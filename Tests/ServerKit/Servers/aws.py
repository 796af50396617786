"""Prepares and asks Amazon's stand-in with Amazon's own library; see AmazonTests.swift.

aws.py key ADDRESS            makes a user that may do everything, and prints its key as JSON
aws.py put ADDRESS START N    puts N one-minute points 1, 2, 3 ... of T/Load (and none for the fourth), and prints what the library reads
aws.py run ADDRESS            starts an instance and prints its name
aws.py stop|start ADDRESS ID  stops that instance, or starts it again
aws.py beat ADDRESS ID        is the agent on that instance: while it runs, puts a point of T/Agent every half second; "ready 0" when it begins
aws.py sign                   signs the requests on stdin by botocore's SigV4Auth, one JSON document per line
"""
import json, sys, time
from datetime import datetime, timedelta, timezone

import boto3, botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

what = sys.argv[1]


def client(service):
    return boto3.client(service, endpoint_url=sys.argv[2], region_name="eu-central-1")


if what == "key":
    iam = client("iam")
    iam.create_user(UserName="monitor")
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName="monitor", PolicyName="all", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName="monitor")["AccessKey"]
    print(json.dumps({"access": key["AccessKeyId"], "secret": key["SecretAccessKey"]}))
elif what == "put":
    start = datetime.fromtimestamp(int(sys.argv[3]), timezone.utc)
    times = [start + timedelta(minutes=minute) for minute in range(int(sys.argv[4]))]
    cloudwatch, dimensions = client("cloudwatch"), [{"Name": "InstanceId", "Value": "i-1&more=100%"}]
    for number, minute in enumerate(times):
        if number != 3:
            for value in (number + 1, number + 1.5):
                cloudwatch.put_metric_data(Namespace="T/Load", MetricData=[{"MetricName": "Busy", "Dimensions": dimensions, "Timestamp": minute, "Value": value, "Unit": "Count"}])
    answer = cloudwatch.get_metric_statistics(
        Namespace="T/Load", MetricName="Busy", Dimensions=dimensions, StartTime=start, EndTime=times[-1] + timedelta(minutes=1), Period=60, Statistics=["Average"])
    print(json.dumps({str(int(point["Timestamp"].timestamp())): point["Average"] for point in answer["Datapoints"]}))
elif what == "run":
    ec2 = client("ec2")
    image = ec2.describe_images()["Images"][0]["ImageId"]
    instance = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    if len(sys.argv) > 3:
        ec2.stop_instances(InstanceIds=[instance])
    print(json.dumps({"instance": instance}))
elif what in ("stop", "start"):
    ec2 = client("ec2")
    (ec2.stop_instances if what == "stop" else ec2.start_instances)(InstanceIds=[sys.argv[3]])
    print("{}")
elif what == "beat":
    ec2, cloudwatch = client("ec2"), client("cloudwatch")
    print("ready 0", flush=True)
    while True:
        now = datetime.now(timezone.utc)
        if ec2.describe_instances(InstanceIds=[sys.argv[3]])["Reservations"][0]["Instances"][0]["State"]["Name"] == "running":
            cloudwatch.put_metric_data(Namespace="T/Agent", MetricData=[{
                "MetricName": "Heartbeat", "Dimensions": [{"Name": "InstanceId", "Value": sys.argv[3]}], "Timestamp": now, "Value": 1}])
        time.sleep(0.5)
elif what == "sign":
    for line in sys.stdin:
        ask = json.loads(line)
        signer = botocore.auth.SigV4Auth(Credentials(ask["access"], ask["secret"], ask.get("token")), ask["service"], ask["region"])
        request = AWSRequest(method=ask["method"], url="https://" + ask["host"] + ask["path"], data=ask["body"].encode(), params=dict(ask["query"]))
        for name, value in ask["headers"]:
            request.headers[name] = value
        request.headers["X-Amz-Date"] = ask["date"]
        if ask.get("token"):
            request.headers["X-Amz-Security-Token"] = ask.get("token")
        request.context["timestamp"] = ask["date"]
        canonical = signer.canonical_request(request)
        signature = signer.signature(signer.string_to_sign(request, canonical), request)
        print(json.dumps({"canonical": canonical, "signature": signature}))
