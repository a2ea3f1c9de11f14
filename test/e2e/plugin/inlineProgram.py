"""A program in Python, run by the Automation API: `inlineProgram.py <operation> <arguments of the component as JSON>`.

The stack is `dev` of the project in the current folder. Prints as JSON how many resources had what done to them.
"""

import json
import os
import sys

import pulumi
import pulumi_sigsci_istio as sigsci
from pulumi import automation

operation, arguments = sys.argv[1], json.loads(sys.argv[2])


def program() -> None:
    # Two values are marked as secrets, and two are not: the package knows of these by itself.
    waf = sigsci.SigsciIstioIntegration(
        "waf",
        credentials={
            "site": "shop-prod",
            "access_key_id": os.environ["ACCESS_KEY_ID"],
            "secret_access_key": pulumi.Output.secret(os.environ["SECRET_ACCESS_KEY"]),
        },
        agent={
            "options": {"anonymous_ip_secret_key": os.environ["SALT"]},
            "extra_options": {"custom-header": pulumi.Output.secret(os.environ["OPTION"])},
        },
        targets=[{"name": "storefront", "namespace": "shop", "match_labels": {"app": "web"}}],
        **arguments,
    )
    pulumi.export("agent", waf.service_host)


stack = automation.select_stack(
    stack_name="dev",
    project_name="inline",
    program=program,
    opts=automation.LocalWorkspaceOptions(work_dir=os.getcwd()),
)
result = getattr(stack, operation)()
counts = result.change_summary if operation == "preview" else result.summary.resource_changes
# Objects that are only read are no changes.
print(json.dumps({name: count for name, count in counts.items() if name not in ("read", "discard")}))
