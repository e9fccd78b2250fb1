# An application that uses boto3 and knows nothing of its surroundings: prints who it is.
import json

import boto3

identity = boto3.client("sts").get_caller_identity()
print(json.dumps({"arn": identity["Arn"]}))
