"""Texts of the login pages, in English and Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from shared.login.refusals import RefusalReason


class Language(StrEnum):
    """A language of the pages, by its HTML name."""

    ENGLISH = "en"
    CHINESE = "zh-CN"


class PageAction(StrEnum):
    """What the page offers to do."""

    LOGIN = "login"
    OTHER_ACCOUNT = "other-account"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class PageText:
    """Status of the answer, a title and a text in each language, and the way on."""

    status: HTTPStatus
    title: Mapping[Language, str]
    text: Mapping[Language, str]
    action: PageAction = PageAction.LOGIN


def _both(english: str, chinese: str) -> Mapping[Language, str]:
    return {Language.ENGLISH: english, Language.CHINESE: chinese}


PAGE_ACTIONS: Mapping[PageAction, Mapping[Language, str]] = {
    PageAction.LOGIN: _both("Sign in", "登录"),
    PageAction.OTHER_ACCOUNT: _both("Use another account", "使用其他账号"),
}
REFERENCE = _both("Reference number: ", "参考编号：")
SIGNED_OUT = _both("You are signed out", "您已退出登录")
SIGNED_OUT_TEXT = _both("You can close this page.", "您可以关闭此页面。")

PAGE_TEXTS: Mapping[RefusalReason, PageText] = {
    RefusalReason.LOGIN_REQUIRED: PageText(
        HTTPStatus.UNAUTHORIZED,
        _both("Please sign in", "请登录"),
        _both("You are not signed in, or your session has ended.", "您尚未登录，或会话已结束。"),
    ),
    RefusalReason.NOT_AUTHORISED: PageText(
        HTTPStatus.FORBIDDEN,
        _both("You have no access yet", "您还没有使用权限"),
        _both(
            "Your account is not authorised for this application. Ask your enterprise administrator to authorise it. A "
            "new authorisation takes effect after a few minutes.",
            "您的账号尚未获得此应用的授权。请联系企业管理员为您授权；新的授权需要几分钟生效。",
        ),
        PageAction.OTHER_ACCOUNT,
    ),
    RefusalReason.DISABLED: PageText(
        HTTPStatus.FORBIDDEN,
        _both("Your account is disabled", "您的账号已被禁用"),
        _both("Ask your enterprise administrator to enable your account.", "请联系企业管理员启用您的账号。"),
        PageAction.OTHER_ACCOUNT,
    ),
    RefusalReason.UNKNOWN_TENANT: PageText(
        HTTPStatus.FORBIDDEN,
        _both("Your enterprise is not connected", "您的企业尚未绑定此应用"),
        _both(
            "This application is not bound to your enterprise. Ask your enterprise administrator to bind it in the "
            "buyer centre.",
            "您的企业还没有绑定此应用。请联系企业管理员在买家中心完成绑定。",
        ),
        PageAction.OTHER_ACCOUNT,
    ),
    RefusalReason.FROZEN: PageText(
        HTTPStatus.FORBIDDEN,
        _both("The subscription is frozen", "订阅已冻结"),
        _both(
            "Your enterprise's subscription has expired or is suspended. It can be used again once it is renewed.",
            "贵企业的订阅已到期或被冻结，续费后即可继续使用。",
        ),
        PageAction.OTHER_ACCOUNT,
    ),
    RefusalReason.RELEASED: PageText(
        HTTPStatus.FORBIDDEN,
        _both("There is no subscription", "没有有效的订阅"),
        _both(
            "Your enterprise has no subscription that is in use: it ended, or it is still being prepared.",
            "贵企业没有可用的订阅：订阅已结束，或仍在开通中。",
        ),
        PageAction.OTHER_ACCOUNT,
    ),
    RefusalReason.CODE_USED: PageText(
        HTTPStatus.BAD_REQUEST,
        _both("This sign-in was already used", "此次登录已被使用"),
        _both(
            "A sign-in works once and only for a short time. Please sign in again.",
            "每次登录凭据只能使用一次，且很快过期。请重新登录。",
        ),
    ),
    RefusalReason.REFUSED: PageText(
        HTTPStatus.FORBIDDEN,
        _both("The sign-in was not confirmed", "登录未得到确认"),
        _both(
            "The marketplace did not confirm who you are. Please sign in again.", "云商店未能确认您的身份，请重新登录。"
        ),
        PageAction.OTHER_ACCOUNT,
    ),
    RefusalReason.LOST: PageText(
        HTTPStatus.BAD_REQUEST,
        _both("The sign-in did not begin here", "登录不是从这里发起的"),
        _both(
            "The sign-in took too long, or your browser does not keep this site's cookies. Allow cookies and sign in "
            "again.",
            "登录耗时过长，或浏览器未保存本站的 Cookie。请允许 Cookie 后重新登录。",
        ),
    ),
    RefusalReason.MALFORMED: PageText(
        HTTPStatus.BAD_REQUEST,
        _both("The address is incomplete", "地址不完整"),
        _both("Something is missing in the address. Please sign in again.", "地址中缺少必要的内容，请重新登录。"),
    ),
    RefusalReason.BAD_ADDRESS: PageText(
        HTTPStatus.BAD_REQUEST,
        _both("The way back is not allowed", "不允许的返回地址"),
        _both(
            "The link that brought you here leads to a foreign address. You were not sent there.",
            "您使用的链接指向外部地址，已阻止跳转。",
        ),
    ),
    RefusalReason.MARKETPLACE_DOWN: PageText(
        HTTPStatus.BAD_GATEWAY,
        _both("The marketplace does not answer", "云商店暂时没有响应"),
        _both("The sign-in could not be completed. Please try again in a moment.", "暂时无法完成登录，请稍后重试。"),
    ),
    RefusalReason.BUSY: PageText(
        HTTPStatus.SERVICE_UNAVAILABLE,
        _both("Please try again", "请稍后重试"),
        _both("The service is busy at the moment.", "服务暂时繁忙。"),
    ),
    RefusalReason.NOT_SET_UP: PageText(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        _both("Signing in is not set up", "登录尚未配置完成"),
        _both(
            "The provider of this application has to complete its set-up. Tell them the reference number.",
            "应用提供方需要完成配置。请将参考编号告知应用提供方。",
        ),
        PageAction.NONE,
    ),
    RefusalReason.INTERNAL: PageText(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        _both("Something went wrong", "出现错误"),
        _both(
            "Please try again. If it happens again, tell the provider of this application the reference number.",
            "请重试。如果问题仍然存在，请将参考编号告知应用提供方。",
        ),
    ),
}


def language_of(accept: str) -> Language:
    """The language to answer in, from an ``Accept-Language`` header: Chinese where it is wanted before English."""
    wanted: list[tuple[float, Language]] = []
    for part in accept.lower().split(","):
        tag, _, parameter = part.strip().partition(";")
        primary = tag.partition("-")[0]
        if primary in ("zh", "en"):
            wanted.append((_quality(parameter), Language.CHINESE if primary == "zh" else Language.ENGLISH))
    # Of equals the first: max() keeps it.
    quality, language = max(wanted, key=lambda each: each[0], default=(0.0, Language.ENGLISH))
    return language if quality > 0 else Language.ENGLISH


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0
