using System.Net;
using System.Runtime.InteropServices;
using System.Security.Cryptography.X509Certificates;
using k8s;
using Operator;

// In a pod: the service account of the pod; the webhook's certificate from the Secret that is mounted at /certs. On a desk: the current context of kubectl.
using var client = new Kubernetes(KubernetesClientConfiguration.BuildDefaultConfig());
using var certificate = X509Certificate2.CreateFromPemFile(args.ElementAtOrDefault(0) ?? "/certs/tls.crt", args.ElementAtOrDefault(1) ?? "/certs/tls.key");
var end = new TaskCompletionSource();
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => { c.Cancel = true; end.TrySetResult(); });
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => { c.Cancel = true; end.TrySetResult(); });
await using var host = await OperatorHost.StartAsync(client, new(IPAddress.Any, 8443), certificate, TimeProvider.System, CancellationToken.None);
await end.Task;
