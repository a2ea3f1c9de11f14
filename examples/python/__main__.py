import pulumi
import pulumi_sigsci_istio as sigsci

config = pulumi.Config()

# The agent runs once, in its own namespace; the proxies of the pods labelled app=web ask it about each request.
waf = sigsci.SigsciIstioIntegration(
    "waf",
    credentials={
        "site": "shop-prod",
        "access_key_id": config.require("accessKeyId"),
        "secret_access_key": config.require_secret("secretAccessKey"),
    },
    targets=[{"name": "storefront", "namespace": "shop", "match_labels": {"app": "web"}}],
)

pulumi.export("agent", waf.service_host)
