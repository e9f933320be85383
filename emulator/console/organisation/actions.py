"""What the buttons of the organisation's page do. Each act is given the form, besides what the address names."""

from collections.abc import Callable, Mapping

from emulator.marketplace.organisation.organisation import Organisation

Form = Mapping[str, str]

ENTERPRISE: Mapping[str, Callable[[Organisation, str, Form], object]] = {
    "rename": lambda org, tenant, form: org.enterprises.rename(tenant, form.get("name", "")),
    "retry": lambda org, tenant, _form: org.notifier.retry(tenant),
    "renew-client": lambda org, tenant, _form: org.bindings.renew_client(tenant),
    "dissolve": lambda org, tenant, _form: org.dissolve(tenant),
    "add-department": lambda org, tenant, form: org.departments.add(
        tenant, form.get("name", ""), form.get("parent", ""), form.get("code", "").strip()
    ),
    "add-member": lambda org, tenant, form: org.members.add(
        tenant,
        form.get("account", "").strip(),
        form.get("name", ""),
        form.get("department", ""),
        role=form.get("role", "user"),
    ),
}
"""By name; the second argument is the tenant's id."""

PARTS: Mapping[str, Mapping[str, Callable[[Organisation, str, str, Form], object]]] = {
    "departments": {
        "rename": lambda org, tenant, code, form: org.departments.rename(tenant, code, form.get("name", "")),
        "move": lambda org, tenant, code, form: org.departments.move(tenant, code, form.get("parent", "")),
        "delete": lambda org, tenant, code, _form: org.departments.delete(tenant, code),
        "authorise": lambda org, _tenant, code, form: org.members.authorise_department(
            form.get("subscription", ""), code
        ),
    },
    "members": {
        "authorise": lambda org, _tenant, user, form: org.members.authorise(form.get("subscription", ""), [user]),
        "revoke": lambda org, _tenant, user, form: org.members.revoke(form.get("subscription", ""), [user]),
        "enable": lambda org, tenant, user, _form: org.members.enable(tenant, [user], enabled=True),
        "disable": lambda org, tenant, user, _form: org.members.enable(tenant, [user], enabled=False),
        "move": lambda org, tenant, user, form: org.members.move(tenant, user, form.get("department", "")),
        "role": lambda org, tenant, user, form: org.members.change(tenant, user, role=form.get("role", "")),
        "remove": lambda org, tenant, user, _form: org.members.remove(tenant, [user]),
    },
    "bindings": {
        "bind": lambda org, tenant, subscription, _form: org.bindings.bind(subscription, tenant),
        "sync": lambda org, _tenant, subscription, _form: org.bindings.again(subscription),
        "unbind": lambda org, _tenant, subscription, _form: org.bindings.unbind(subscription),
    },
}
"""By kind and name; the third argument is the department's code, the account, or the subscription's id."""
