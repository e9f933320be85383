"""Events as the platforms send them, made from a request.

The shapes are those of the platforms' own documentation. What a gateway does to a request on the way (order, joining,
Base64) is done here too.
"""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import md5
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from werkzeug.datastructures import MultiDict

from shared.http import HttpRequest

Event = dict[str, Any]


def api_gateway_rest(request: HttpRequest, stage: str = "prod") -> Event:
    """API Gateway REST API: decoded parameters, maps with the last and maps with all values, no stage in the path."""
    query = MultiDict(request.query).to_dict(flat=False)
    headers = {name.title(): [value] for name, value in request.headers.items()}
    body, is_base64 = _text_or_base64(request.body)
    return {
        "resource": "/{proxy+}",
        "path": request.path,
        "httpMethod": request.method,
        "headers": {name: values[-1] for name, values in headers.items()} or None,
        "multiValueHeaders": headers or None,
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": {"proxy": request.path.removeprefix("/")},
        "stageVariables": None,
        "requestContext": {
            "resourceId": "abc123",
            "resourcePath": "/{proxy+}",
            "operationName": None,
            "httpMethod": request.method,
            "extendedRequestId": "XXXXXXXXXXXXXXX=",
            "requestTime": "22/Nov/2026:08:00:00 +0000",
            "path": f"/{stage}{request.path}",
            "accountId": "123456789012",
            "protocol": "HTTP/1.1",
            "stage": stage,
            "domainPrefix": "abcdef1234",
            "requestTimeEpoch": 1795334400000,
            "requestId": str(uuid4()),
            "identity": {"sourceIp": "192.0.2.10", "userAgent": "Java/1.8.0", "apiKey": None, "accountId": None},
            "domainName": "abcdef1234.execute-api.eu-west-1.amazonaws.com",
            "apiId": "abcdef1234",
        },
        "body": body or None,
        "isBase64Encoded": is_base64,
    }


def api_gateway_http(request: HttpRequest, stage: str = "$default") -> Event:
    """API Gateway HTTP API, format 2.0: raw query, lower-case headers, cookies apart, a named stage before the path."""
    path = request.path if stage == "$default" else f"/{stage}{request.path}"
    return _format_2(request, path, stage, "abcdef1234.execute-api.eu-west-1.amazonaws.com")


def function_url(request: HttpRequest) -> Event:
    """A Lambda function URL: format 2.0 with the default stage."""
    return _format_2(request, request.path, "$default", "abcdefghijklmnop.lambda-url.eu-west-1.on.aws")


def functiongraph(request: HttpRequest) -> Event:
    """An APIG trigger of FunctionGraph: decoded parameters only, the body always in Base64."""
    return {
        "body": b64encode(request.body).decode(),
        "requestContext": {
            "apiId": "bc1dcffd-aa35-474d-897c-d53425a4c08e",
            "requestId": uuid4().hex,
            "stage": "RELEASE",
            "sourceIp": "192.0.2.10",
        },
        "queryStringParameters": {
            name: values[0] if len(values) == 1 else values for name, values in MultiDict(request.query).lists()
        },
        "httpMethod": request.method,
        "pathParameters": {"": request.path.removeprefix("/")},
        "headers": {"x-forwarded-port": "443", "x-forwarded-proto": "https", **request.headers},
        "path": request.path,
        "isBase64Encoded": True,
    }


def sqs(messages: Mapping[str, str], queue: str) -> Event:
    """An event source mapping of Lambda: a batch of messages of a queue, body by message id."""
    return {"Records": [_message(message_id, body, queue) for message_id, body in messages.items()]}


def _message(message_id: str, body: str, queue: str) -> Event:
    return {
        "messageId": message_id,
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
        "body": body,
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": "1795334400000",
            "SenderId": "AIDAIENQZJOLO23YVJ4VO",
            "ApproximateFirstReceiveTimestamp": "1795334400003",
        },
        "messageAttributes": {},
        "md5OfBody": md5(body.encode(), usedforsecurity=False).hexdigest(),
        "eventSource": "aws:sqs",
        "eventSourceARN": f"arn:aws:sqs:eu-west-1:123456789012:{queue}",
        "awsRegion": "eu-west-1",
    }


def _format_2(request: HttpRequest, path: str, stage: str, domain: str) -> Event:
    headers = {name.lower(): value for name, value in request.headers.items()}
    cookies = [part for part in headers.pop("cookie", "").split("; ") if part]
    body, is_base64 = _text_or_base64(request.body)
    event: Event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": urlencode(request.query),
        "headers": {"host": domain, "x-forwarded-proto": "https", **headers},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": domain.partition(".")[0],
            "domainName": domain,
            "domainPrefix": domain.partition(".")[0],
            "http": {
                "method": request.method,
                "path": path,
                "protocol": "HTTP/1.1",
                "sourceIp": "192.0.2.10",
                "userAgent": "Java/1.8.0",
            },
            "requestId": str(uuid4()),
            "routeKey": "$default",
            "stage": stage,
            "time": "22/Nov/2026:08:00:00 +0000",
            "timeEpoch": 1795334400000,
        },
        "isBase64Encoded": is_base64,
    }
    if cookies:
        event["cookies"] = cookies
    if request.query:
        event["queryStringParameters"] = {name: ",".join(values) for name, values in MultiDict(request.query).lists()}
    if body:
        event["body"] = body
    return event


def _text_or_base64(body: bytes) -> tuple[str, bool]:
    try:
        return body.decode(), False
    except UnicodeDecodeError:
        return b64encode(body).decode(), True
