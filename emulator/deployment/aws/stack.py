"""A stack, brought to what a template says."""

import time
import uuid
from collections.abc import Mapping
from typing import Any

PAUSE = 2.0
"""Seconds between two looks at a change."""


class DeploymentFailed(Exception):
    """The stack could not be made or changed; the text is what CloudFormation says first."""


class Stack:
    """The stack of one name, there or not."""

    def __init__(self, cloudformation: Any, name: str, pause: float = PAUSE) -> None:
        self._api, self.name, self._pause = cloudformation, name, pause

    def described(self) -> dict[str, Any] | None:
        """As CloudFormation describes it; ``None`` where there is none, or only a change that was never made."""
        try:
            (found,) = self._api.describe_stacks(StackName=self.name)["Stacks"]
        except self._api.exceptions.ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return None if found["StackStatus"] == "REVIEW_IN_PROGRESS" else dict(found)

    def has(self, resource: str) -> bool:
        """Is a resource of this logical name in it?"""
        if self.described() is None:
            return False
        pages = self._api.get_paginator("list_stack_resources").paginate(StackName=self.name)
        return any(each["LogicalResourceId"] == resource for page in pages for each in page["StackResourceSummaries"])

    def parameters(self) -> dict[str, str]:
        found = self.described() or {}
        return {each["ParameterKey"]: each["ParameterValue"] for each in found.get("Parameters", ())}

    def outputs(self) -> dict[str, str]:
        found = self.described() or {}
        return {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", ())}

    def apply(self, template: str, parameters: Mapping[str, str]) -> bool:
        """Make or change it after the template at this URL; parameters that are not named stay as they are.

        :return: whether there was anything to change.
        :raises DeploymentFailed: it is as it was before, or was not made.
        """
        kept = self.parameters().keys() - parameters.keys()
        known = {each["ParameterKey"] for each in self._api.get_template_summary(TemplateURL=template)["Parameters"]}
        change = self._api.create_change_set(
            StackName=self.name,
            ChangeSetName=f"deploy-{uuid.uuid4()}",
            ChangeSetType="UPDATE" if self.described() else "CREATE",
            TemplateURL=template,
            Parameters=[{"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()]
            + [{"ParameterKey": name, "UsePreviousValue": True} for name in sorted(kept & known)],
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        )
        if not self._reviewed(change["Id"]):
            return False
        self._api.execute_change_set(ChangeSetName=change["Id"])
        self._wait(change["StackId"])
        return True

    def _reviewed(self, change: str) -> bool:
        while (found := self._api.describe_change_set(ChangeSetName=change))["Status"].endswith(
            ("PENDING", "PROGRESS")
        ):
            time.sleep(self._pause)
        if found["Status"] == "CREATE_COMPLETE":
            return True
        self._api.delete_change_set(ChangeSetName=change)
        reason = found.get("StatusReason", "")
        if "didn't contain changes" in reason or "No updates" in reason:
            return False
        raise DeploymentFailed(f"{self.name}: {reason}")

    def _wait(self, stack: str) -> None:
        time.sleep(self._pause)
        while (found := self._api.describe_stacks(StackName=stack)["Stacks"][0])["StackStatus"].endswith("PROGRESS"):
            time.sleep(self._pause)
        if found["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            raise DeploymentFailed(f"{self.name}: {self._first_reason(stack) or found['StackStatus']}")

    def _first_reason(self, stack: str) -> str:
        """What failed first; the rest was cancelled because of it."""
        pages = self._api.get_paginator("describe_stack_events").paginate(StackName=stack)
        failed = [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', event['ResourceStatus'])}"
            for page in pages
            for event in page["StackEvents"]
            if event["ResourceStatus"].endswith("FAILED")
        ]
        return failed[-1] if failed else ""
