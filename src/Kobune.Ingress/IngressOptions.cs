using System.Net;
using Kobune.Client;

namespace Kobune.Ingress;

/// <summary>Settings of the ingress controller. The names are those of ingress-nginx' flags where it has one.</summary>
public sealed record IngressOptions
{
    /// <summary>Where HTTP is served; a port of 0 lets the system choose.</summary>
    public required IReadOnlyList<IPEndPoint> Http { get; init; }

    /// <summary>Where HTTPS is served.</summary>
    public required IReadOnlyList<IPEndPoint> Https { get; init; }

    /// <summary>What status.loadBalancer of every Ingress says: the node's address.</summary>
    public IReadOnlyList<IPAddress> PublishAddresses { get; init; } = [];

    /// <summary>IngressClasses with this controller are ours (--controller-class).</summary>
    public string ControllerClass { get; init; } = "k8s.io/ingress-nginx";

    /// <summary>The value of the annotation kubernetes.io/ingress.class that is ours (--ingress-class).</summary>
    public string AnnotationClass { get; init; } = "nginx";

    /// <summary>Whether Ingresses without any class are served (--watch-ingress-without-class), as minikube's addon does.</summary>
    public bool WatchWithoutClass { get; init; } = true;

    /// <summary>The ConfigMap with the defaults of all annotations (--configmap).</summary>
    public ObjectKey ConfigMap { get; init; } = new("ingress-nginx", "ingress-nginx-controller");

    /// <summary>The Secret of the certificate for hosts without one (--default-ssl-certificate); null for a self-made one.</summary>
    public ObjectKey? DefaultCertificate { get; init; }

    /// <summary>The shortest time between two new routing tables; endpoints that change together are taken together.</summary>
    public TimeSpan MinSyncPeriod { get; init; } = TimeSpan.FromMilliseconds(20);
}
