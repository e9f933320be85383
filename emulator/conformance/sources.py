"""Where the requirements come from: the seller console's own words, and the titles of the marketplace's pages."""

from emulator.conformance.case import Says
from shared.commands import Version

UNREACHABLE = Says("调测失败,生产地址不可达.", "Debugging failed. The production address is unreachable.")
TIMED_OUT = Says("调测失败,调用接口超时20s.")
HTTP_CODE = Says("调测失败,接口响应httpCode={httpCode},请检查服务器日志,定位失败原因.")
CONTENT_TYPE = Says(
    '调测失败,响应content-type格式错误,返回的格式为{contentType},正确的格式为"application/json".',
    'Debugging fails. Invalid content-type format. Returned format: {contentType}. Valid format: "application/json"',
)
UNPARSED = Says(
    '调测失败,解析响应体失败,响应格式参考{"resultCode":"000000","resultMsg":"success."}.',
    'Debugging failed. Parse response body failed. Example response: {"resultCode":"000000","resultMsg":"success."}',
)
LACKS = Says("调测失败,接口响应缺少{fileId}.", "Debugging failed. The interface response does not contain {fileId}.")
TOO_LONG = Says("", "Debugging failed. The length of {fileId} is invalid.")
REFUSED = Says(
    "调用失败,生产接口resultCode返回错误.",
    "Call interface failed. The production interface returns an error result code.",
)
_SIGN = (
    "Debugging failed. The production interface response does not contain Body-Sign or the Body-Sign format is "
    "incorrect."
)
NO_SIGN = Says("http header->bodySign is empty.", _SIGN)
SIGN_TYPE = Says("http header->sign_type is not equals HMAC-SHA256 or signature is empty.", _SIGN)
SIGN_VALUE = Says(
    "响应Http Body签名校验失败,预期的签名值:…",
    "Failed to verify the HTTP Body signature. Expected signature value: …",
)

FAQ = "常见问题 (FAQ)"
REQUIREMENTS = "接口要求 (API requirements)"
DEBUGGING = "接口调试 (interface debugging)"
CODES = "调用结果码说明 (result codes)"
TOKEN = "authToken取值说明 (authToken value)"
SIGNATURE = "V2 HTTP Body签名 (request signature)"
NEW = "新购商品 (subscription)"
SYNC = "联营Kit同步接口 (sync interfaces of joint operation)"

_V1_PAGES = {
    "newInstance": NEW,
    "refreshInstance": "商品续费 (renewal)",
    "expireInstance": "商品过期 (expiration)",
    "releaseInstance": "商品资源释放 (release)",
    "upgrade": "商品升级 (upgrade)",
    "instanceStatus": "资源状态变更 (resource status change)",
    "queryInstance": "查询实例信息 (querying instance information)",
}
_V2_PAGES = {
    "newInstance": "V2 创建实例 (instance creation)",
    "refreshInstance": "V2 更新实例 (instance update)",
    "updateInstanceStatus": "V2 更新实例状态 (instance status update)",
    "releaseInstance": "V2 释放实例 (instance release)",
    "upgradeInstance": "V2 实例升级 (instance upgrade)",
    "queryInstance": "V2 查询实例信息 (instance query)",
    "changeInstanceCheck": "V2 续费变更校验 (pre-renewal change check)",
    "orderNotify": "V2 订单通知 (order notification)",
}
PAGES = {Version.V1: _V1_PAGES, Version.V2: _V2_PAGES}
"""The page of each interface."""
