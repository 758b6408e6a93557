using System.Text;

namespace Kobune.ApiServer.Certificates;

/// <summary>Writes the text of a kubeconfig file with one cluster, one user and one context.</summary>
public static class KubeconfigText
{
    /// <summary>A kubeconfig whose cluster, context and user are all called <paramref name="name"/>, with everything embedded.</summary>
    /// <param name="name">Name of the three entries.</param>
    /// <param name="server">"https://192.168.49.2:8443".</param>
    /// <param name="authorityPem">The authority of the server.</param>
    /// <param name="client">The user's certificate.</param>
    public static string Write(string name, string server, string authorityPem, PemPair client) => Write(
        name,
        server,
        authorityPem,
        $"""
            client-certificate-data: {Base64(client.CertificatePem)}
            client-key-data: {Base64(client.KeyPem)}
        """);

    /// <summary>A kubeconfig whose user has a bearer token (a joining worker's bootstrap token).</summary>
    public static string WriteToken(string name, string server, string authorityPem, string token) =>
        Write(name, server, authorityPem, $"    token: {Quote(token)}");

    private static string Write(string name, string server, string authorityPem, string user) =>
        $"""
        apiVersion: v1
        kind: Config
        clusters:
        - name: {Quote(name)}
          cluster:
            certificate-authority-data: {Base64(authorityPem)}
            server: {Quote(server)}
        users:
        - name: {Quote(name)}
          user:
        {user}
        contexts:
        - name: {Quote(name)}
          context:
            cluster: {Quote(name)}
            user: {Quote(name)}
        current-context: {Quote(name)}

        """;

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    // Plain where plain is safe, as kubectl writes it; JSON strings are YAML too.
    private static string Quote(string text) =>
        text.Length > 0 && char.IsAsciiLetter(text[0]) && text[^1] != ':' && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '/' or '@' or '_' or ':') && text is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off" or "y" or "n")
            ? text
            : "\"" + text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
}
