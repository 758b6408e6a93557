using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.Api.Discovery.V1;
using Kobune.Api.Networking.V1;
using Kobune.Client;
using Kobune.Client.Informers;
using Kobune.Ingress;
using Kobune.Tests.Collections;
using Microsoft.Extensions.Logging.Abstractions;
using IPAddress = System.Net.IPAddress;

// The whole ingress component on a port of loopback over an API in memory: HTTP HTTPS ENDPOINT. Serves until its input ends.
var ports = args.Select(a => int.Parse(a, CultureInfo.InvariantCulture)).ToArray();
var api = new CollectionTransport();
api.Put(new IngressClass { Metadata = new() { Name = "nginx" }, Spec = new() { Controller = "k8s.io/ingress-nginx" } });
api.Put(new Service { Metadata = new() { Name = "app", Namespace = "bench" }, Spec = new() { Type = "ClusterIP", ClusterIP = "10.96.0.7", Ports = [new() { Name = "http", Port = 80, Protocol = "TCP" }] } });
api.Put(new EndpointSlice
{
    Metadata = new() { Name = "app-1", Namespace = "bench", Labels = new Dictionary<string, string> { ["kubernetes.io/service-name"] = "app" } },
    AddressType = "IPv4",
    Ports = [new() { Name = "http", Port = ports[2], Protocol = "TCP" }],
    Endpoints = [new() { Addresses = ["127.0.0.1"], Conditions = new() { Ready = true } }],
});
api.Put(new IngressObject
{
    Metadata = new() { Name = "bench", Namespace = "bench" },
    Spec = new()
    {
        IngressClassName = "nginx",
        Rules = [new() { Host = "bench.test", HTTP = new() { Paths = [new() { Path = "/", PathType = "Prefix", Backend = new() { Service = new() { Name = "app", Port = new() { Number = 80 } } } }] } }],
    },
});
using var stop = new CancellationTokenSource();
var client = new KubernetesClient(api, TimeProvider.System);
var informers = new InformerFactory(client, TimeProvider.System, NullLoggerFactory.Instance);
var component = new IngressComponent(new() { Http = [new(IPAddress.Loopback, ports[0])], Https = [new(IPAddress.Loopback, ports[1])] }, client, informers, TimeProvider.System, NullLoggerFactory.Instance);
Task[] running = [informers.RunAsync(stop.Token), component.RunAsync(stop.Token)];
await Task.WhenAny(Console.In.ReadToEndAsync(), Task.WhenAny(running).Unwrap());
await stop.CancelAsync();
