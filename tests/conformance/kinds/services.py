"""Services and Endpoints: types, ports and addresses, and which of them an update may change."""

from mutations import GONE, each

SERVICE = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s"}, "spec": {"clusterIP": "10.96.77.7", "selector": {"a": "b"}, "ports": [{"port": 80}]}}
P = "spec.ports.0."
TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")


def of(kind, **changes):
    return dict({"spec.type": kind}, **{path.replace("_", "."): value for path, value in changes.items()})


def ports(*values):
    return {"spec.ports": list(values)}


CREATES = (
    each("metadata.name", "", "1a", "A", "a.b", "a" * 64, "a-", "a" * 63) + each("metadata.labels", {"a b": "c"}) + each("spec", GONE, {}, None) + each("spec.type", "", "x", "clusterip", *TYPES)
    + each(P + "port", 0, -1, 65536, 65535, "80", GONE) + each(P + "protocol", "", "tcp", "UDP", "SCTP", "x") + each(P + "targetPort", 0, "http", "HTTP", "", 65536, "80", "a" * 16, -1, "a--b") + each(P + "name", "A", "a", "a b", "a" * 64) + each(P + "nodePort", 30000, 1, 70000, -1)
    + each(P + "appProtocol", "http", "a/b", "a b", "", "Ex.com/a")
    + [ports(), ports({"port": 80}, {"port": 81}), ports({"port": 80, "name": "a"}, {"port": 80, "name": "b"}), ports({"port": 80, "name": "a"}, {"port": 80, "name": "b", "protocol": "UDP"}), ports({"port": 80, "name": "a"}, {"port": 81, "name": "a"}), ports({"port": 80, "name": ""}, {"port": 81, "name": "b"}), ports({})]
    + each("spec.selector", {}, {"a b": "c"}, {"a": "b c"}, None, {"a": 5}) + each("spec.sessionAffinity", "", "x", "ClientIP", "None") + each("spec.publishNotReadyAddresses", True)
    + [{"spec.sessionAffinity": affinity, "spec.sessionAffinityConfig": config} for affinity in ("None", "ClientIP") for config in ({}, {"clientIP": {}}, {"clientIP": {"timeoutSeconds": 0}}, {"clientIP": {"timeoutSeconds": 86401}}, {"clientIP": {"timeoutSeconds": 5}}, {"clientIP": {"timeoutSeconds": -1}})]
    + each("spec.clusterIP", "None", "none", "x", "1.2.3.4", "", "10.96.77.8", "::1", "010.096.0.9", "10.96.0.0", "10.111.255.255") + [{"spec.clusterIP": "None", "spec.type": kind} for kind in TYPES] + [{"spec.clusterIP": "None", "spec.ports": []}, {"spec.clusterIP": "None", "spec.ports": [], "spec.selector": {}}, {"spec.clusterIP": "None", P + "targetPort": 5},
       {"spec.clusterIP": "None", "spec.selector": {}}, {"spec.clusterIP": GONE, "spec.clusterIPs": ["None"]}, {"spec.clusterIP": "None", "spec.clusterIPs": ["10.96.7.7"]}, {"spec.clusterIP": "10.96.77.7", "spec.clusterIPs": ["10.96.77.8"]}, {"spec.clusterIP": "10.96.77.7", "spec.clusterIPs": ["10.96.77.7", "10.96.77.8"]},
       {"spec.clusterIPs": ["10.96.77.7", "10.96.77.7"]}, {"spec.clusterIPs": ["10.96.77.7", "x"]}, {"spec.clusterIPs": ["10.96.77.7", "::1", "::2"]}, {"spec.clusterIP": "", "spec.clusterIPs": ["10.96.77.9"]}, {"spec.clusterIPs": ["10.96.77.7", "None"]}]
    + each("spec.ipFamilies", ["IPv4"], ["IPv6"], ["IPv4", "IPv6"], ["IPv4", "IPv4"], ["x"], ["IPv4", "IPv6", "IPv4"]) + each("spec.ipFamilyPolicy", "SingleStack", "PreferDualStack", "RequireDualStack", "x", "")
    + [{"spec.clusterIP": "None", "spec.selector": selector, "spec.ipFamilyPolicy": policy} for selector in ({}, {"a": "b"}) for policy in ("SingleStack", "PreferDualStack", "RequireDualStack")]
    + each("spec.externalIPs", ["1.2.3.4"], ["x"], [""], ["127.0.0.1"], ["169.254.1.1"], ["0.0.0.0"], ["224.0.0.1"], ["::1"], ["1.2.3.4", "1.2.3.4"]) + each("spec.externalName", "x", "x.y") + each("spec.loadBalancerIP", "1.2.3.4") + each("spec.loadBalancerSourceRanges", ["1.2.3.0/24"]) + each("spec.externalTrafficPolicy", "Local", "Cluster", "x")
    + [{"spec.type": "NodePort", P + "nodePort": value} for value in (30123, 80, 70000, -1, "30123")] + [{"spec.type": "NodePort", "spec.ports": [{"port": 80, "name": "a", "nodePort": 30123}, {"port": 81, "name": "b", "nodePort": 30123}]}, {"spec.type": "NodePort", "spec.ports": [{"port": 80, "name": "a", "nodePort": 30123}, {"port": 80, "protocol": "UDP", "name": "b", "nodePort": 30123}]}]
    + [{"spec.type": kind, "spec.externalTrafficPolicy": value} for kind in ("NodePort", "LoadBalancer") for value in ("Local", "Cluster", "x", "")] + [{"spec.type": kind, "spec.healthCheckNodePort": 30999, "spec.externalTrafficPolicy": "Local"} for kind in TYPES] + [{"spec.type": "LoadBalancer", "spec.healthCheckNodePort": value} for value in (30999, -1)]
    + [dict({"spec.type": "LoadBalancer"}, **more) for more in ({"spec.loadBalancerIP": "x"}, {"spec.loadBalancerIP": "1.2.3.4"}, {"spec.loadBalancerSourceRanges": ["1.2.3.0/24"]}, {"spec.loadBalancerSourceRanges": ["x"]}, {"spec.loadBalancerSourceRanges": ["1.2.3.4"]}, {"spec.loadBalancerSourceRanges": [" 1.2.3.0/24 "]}, {"spec.allocateLoadBalancerNodePorts": False},
       {"metadata.annotations": {"service.beta.kubernetes.io/load-balancer-source-ranges": "x"}}, {"metadata.annotations": {"service.beta.kubernetes.io/load-balancer-source-ranges": "1.2.3.0/24, 5.6.7.0/24"}}, {"spec.ports": [{"port": 80, "name": "a"}, {"port": 80, "protocol": "UDP", "name": "b"}]}, {P + "port": 10250}, {"spec.externalIPs": ["1.2.3.4"]})]
    + [{"spec.type": "ClusterIP", "spec.allocateLoadBalancerNodePorts": True}, {"metadata.annotations": {"service.beta.kubernetes.io/load-balancer-source-ranges": "1.2.3.0/24"}}]
    + [dict({"spec.type": "ExternalName", "spec.clusterIP": ip}, **more) for ip in (GONE, "", "10.96.77.7", "None") for more in ({"spec.externalName": "x.y"}, {"spec.externalName": "x.y", "spec.ports": []}, {})] + [{"spec.type": "ExternalName", "spec.clusterIP": GONE, "spec.externalName": name} for name in ("X.y", "a_b", "x.", "", "1.2.3.4", "a" * 64)]
    + [{"spec.type": "ExternalName", "spec.clusterIP": GONE, "spec.externalName": "x.y", "spec.ipFamilies": ["IPv4"]}, {"spec.type": "ExternalName", "spec.clusterIP": GONE, "spec.externalName": "x.y", "spec.ipFamilyPolicy": "SingleStack"}, {"spec.type": "ExternalName", "spec.clusterIP": GONE, "spec.externalName": "x.y", P + "nodePort": 30001}]
    + each("spec.topologyKeys", ["*"]) + each("status", {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}})
)
UPDATES = (
    each("spec.clusterIP", "", "10.96.77.8", "None", "x") + each("spec.clusterIPs", [], ["10.96.77.8"], GONE) + each("spec.type", *TYPES, "x", "", GONE) + [{"spec.type": "ExternalName", "spec.externalName": "x"}, {"spec.type": "ExternalName", "spec.externalName": "x", "spec.clusterIP": "", "spec.clusterIPs": []}] + each(P + "port", 81, 0) + each(P + "nodePort", 30000) + each(P + "name", "x")
    + each("spec.ports", [], [{"port": 80, "name": "a"}, {"port": 81, "name": "b"}], GONE) + each("spec.selector", {"c": "d"}, GONE) + each("spec.ipFamilies", ["IPv6"], GONE, []) + each("spec.ipFamilyPolicy", "PreferDualStack", "RequireDualStack", GONE) + each("spec.sessionAffinity", "ClientIP", GONE) + each("metadata.resourceVersion", GONE, "1") + each("metadata.name", "t")
    + each("spec.externalTrafficPolicy", "Local") + each("spec.externalIPs", ["1.2.3.4"]) + each("status", {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}) + [{"spec.clusterIP": GONE, "spec.clusterIPs": GONE}] + [{"spec.type": "NodePort", P + "nodePort": 30077}, {"spec.type": "LoadBalancer", "spec.externalTrafficPolicy": "Local"}]
)
ENDPOINTS = {"apiVersion": "v1", "kind": "Endpoints", "metadata": {"name": "e"}, "subsets": [{"addresses": [{"ip": "10.1.1.1"}], "ports": [{"port": 80}]}]}
E = "subsets.0."
ENDPOINT_CREATES = (
    each("metadata.name", "A", "a.b") + each("subsets", [], None, [{}], [{"addresses": [{"ip": "10.1.1.2"}, {"ip": "10.1.1.1"}], "ports": [{"port": 81, "name": "b"}, {"port": 80, "name": "a"}]}, {"addresses": [{"ip": "10.1.1.1"}], "ports": [{"port": 80, "name": "a"}]}])
    + each(E + "addresses", [], [{}], [{"ip": "x"}], [{"ip": "127.0.0.1"}], [{"ip": "169.254.0.1"}], [{"ip": "224.0.0.1"}], [{"ip": "0.0.0.0"}], [{"ip": "10.1.1.1", "hostname": "A_"}], [{"ip": "10.1.1.1", "nodeName": "N_"}], [{"ip": "10.1.1.1"}, {"ip": "10.1.1.1"}], [{"ip": "::1"}], [{"ip": "10.1.1.1", "targetRef": {"kind": "Pod", "name": "x"}}])
    + each(E + "ports", [], [{}], [{"port": 0}], [{"port": 65536}], [{"port": 80, "name": "A"}], [{"port": 80}, {"port": 81}], [{"port": 80, "protocol": "x"}], [{"port": 80, "appProtocol": "a b"}], [{"port": 80, "name": "x" * 70}]) + each(E + "notReadyAddresses", [{"ip": "x"}], [{"ip": "10.1.1.1"}], [{"ip": "10.1.1.2"}])
    + each("metadata.annotations", {"endpoints.kubernetes.io/last-change-trigger-time": "x"})
)
KINDS = [
    ("/api/v1/namespaces/default/services", SERVICE, CREATES, UPDATES),
    ("/api/v1/namespaces/default/endpoints", ENDPOINTS, ENDPOINT_CREATES, each("subsets", [], [{"addresses": [{"ip": "x"}]}], [{"addresses": [{"ip": "10.1.1.9"}], "ports": [{"port": 1}]}], [{"ports": [{"port": 80}]}])),
]
