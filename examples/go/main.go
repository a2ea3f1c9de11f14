package main

import (
	sigsci "example.com/pulumi-sigsci-istio/sdk/go/sigsci-istio"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
)

func main() {
	pulumi.Run(func(ctx *pulumi.Context) error {
		settings := config.New(ctx, "")
		// The agent runs once, in its own namespace; the proxies of the pods labelled app=web ask it about each request.
		waf, err := sigsci.NewSigsciIstioIntegration(ctx, "waf", &sigsci.SigsciIstioIntegrationArgs{
			Credentials: sigsci.CredentialsArgs{
				Site:            pulumi.StringPtr("shop-prod"),
				AccessKeyId:     pulumi.StringPtr(settings.Require("accessKeyId")),
				SecretAccessKey: settings.RequireSecret("secretAccessKey").ToStringPtrOutput(),
			},
			Targets: []sigsci.TargetArgs{{
				Name:        "storefront",
				Namespace:   pulumi.String("shop"),
				MatchLabels: pulumi.StringMap{"app": pulumi.String("web")},
			}},
		})
		if err != nil {
			return err
		}
		ctx.Export("agent", waf.ServiceHost)
		return nil
	})
}
