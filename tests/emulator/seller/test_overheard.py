"""What the webhook provisioner says to the seller's backend stands among the calls."""

import json
from pathlib import Path

from emulator.clock import MovableClock
from emulator.console.app import ConsoleApplication
from emulator.console.server import console_for
from emulator.marketplace.delivery.call import Direction, RecordedCall
from emulator.marketplace.storage.call_filter import Filter
from emulator.marketplace.subscriptions.buyers import Customer
from emulator.seller.local_bundle import local_app, local_settings
from emulator.wire.server import running, serving
from shared.http import HttpRequest, HttpResponse
from shared.server.routes import routes
from tests.backend import Backend
from tests.emulator.console.world import client_of

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def played(folder: Path, *, down: bool = False) -> tuple[list[RecordedCall], str]:
    """The calls to the backend that a purchase has caused, oldest first, and the page of the first one."""
    backend = Backend(SECRET)

    def handle(request: HttpRequest) -> HttpResponse:
        return HttpResponse(500, {}, b"") if down else backend.answer(request)

    with running(handle, threads=2) as backend_url:
        environ = {
            "KOOGALLERY_STORE": f"sqlite:{folder / 'store.sqlite'}",
            "KOOGALLERY_PROVISIONER": "webhook",
            "KOOGALLERY_WEBHOOK_URL": f"{backend_url}/hooks?from=bundle",
            "KOOGALLERY_WEBHOOK_SECRET": SECRET,
            "KOOGALLERY_WEBHOOK_ALLOW_PRIVATE": "1",
        }
        console = console_for(local_settings(environ), MovableClock())
        with serving(console.front, threads=2) as url:
            app = local_app(local_settings({**environ, "KOOGALLERY_API_URLS": url}))
            with running(routes(app), threads=2) as bundle_url:
                console.join(app, bundle_url, url)
                console.market.shop.buy(console.market.database.all(Customer)[0].id, "yearly-v2")
                console.market.run_due()
                lines = console.market.timeline.lines(Filter(family="webhook"))[::-1]
                calls = [console.market.timeline.get(line.number) for line in lines]
                page = client_of(ConsoleApplication(console.context)).get(f"/calls/{lines[0].number}").text
        console.market.close()
    return [call for call in calls if call], page


def test_the_message_and_its_answer_are_kept(tmp_path: Path) -> None:
    calls, page = played(tmp_path)
    created = calls[0]
    assert (created.activity, created.direction, created.received.status) == ("instance.create", Direction.BACKEND, 200)
    assert created.instance_id
    assert json.loads(created.sent.body)["data"]["instance"]["instanceId"] == created.instance_id
    assert created.sent.query == (("from", "bundle"),)
    assert {name for name, _ in created.sent.headers} >= {"webhook-id", "webhook-signature", "Idempotency-Key"}
    assert SECRET not in created.model_dump_json()
    assert "instance.create" in page
    assert "/hooks" in page


def test_a_failure_is_kept_too(tmp_path: Path) -> None:
    calls, page = played(tmp_path, down=True)
    assert {call.received.status for call in calls} == {500}
    assert "500" in page
