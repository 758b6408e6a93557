namespace Kobune.Ingress.Settings;

/// <summary>auth-type: basic.</summary>
/// <param name="Secret">The value of auth-secret: "name" or "namespace/name"; null when it is missing.</param>
/// <param name="Map">auth-secret-type: auth-map, where each key is a user; otherwise the key "auth" is an htpasswd file.</param>
internal sealed record BasicAuthSettings(string? Secret, bool Map, string Realm)
{
    public static BasicAuthSettings? Parse(AnnotationReader keys) => keys.Text("auth-type") != "basic"
        ? null
        : new(keys.Text("auth-secret"), keys.Text("auth-secret-type") == "auth-map", keys.Text("auth-realm") ?? "");
}
