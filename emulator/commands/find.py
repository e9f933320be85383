"""``koogallery find``: which instances does an order, a customer or a user have?"""

from emulator.commands.instance_view import no_instance, show_page
from emulator.commands.options import Misuse, as_json, command, following, lookups
from emulator.commands.seller_app import seller_app
from emulator.texts import Text
from shared.app import App
from shared.instance import lookup


@command("find")
@lookups
@following
@as_json
def find(order: str | None, customer: str | None, user: str | None, after: str | None, json: bool) -> int:
    with seller_app() as app:
        found = found_by(app, order, customer, user, after)
    show_page(found, json=json)
    return 0 if found.instances or found.next else no_instance(quiet=json)


def found_by(
    app: App, order: str | None, customer: str | None, user: str | None, after: str | None = None
) -> lookup.Found:
    """A page of the instances that one of these has.

    :raises Misuse: none of them is given, or several are.
    """
    asked = ((lookup.of_order, order), (lookup.of_customer, customer), (lookup.of_user, user))
    given = [(look, name) for look, name in asked if name]
    if len(given) != 1:
        raise Misuse(Text("misuse.one-of", options="--order, --customer, --user"))
    look, name = given[0]
    return look(app, name, after)
