"""Parameters that depend on what the account has already."""

from typing import Any

from emulator.deployment.aws.stack import Stack


def tables(stack: Stack, dynamodb: Any, prefix: str) -> str:
    """``existing`` if there are tables that this stack did not make: of one deleted, or of an older release."""
    if stack.has("TablesStack"):
        return "made"
    try:
        dynamodb.describe_table(TableName=f"{prefix}instances")
    except dynamodb.exceptions.ResourceNotFoundException:
        return "made"
    return "existing"


def log_role(stack: Stack, gateway: Any) -> str:
    """``existing`` if API Gateway may write logs in this account and region thanks to somebody else."""
    if stack.has("ApiAccount") or not gateway.get_account().get("cloudwatchRoleArn"):
        return "made"
    return "existing"
