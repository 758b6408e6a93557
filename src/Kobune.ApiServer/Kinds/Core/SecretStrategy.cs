using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Kobune.Api;
using Kobune.Api.Core.V1;
using Kobune.Api.Schema;
using Kobune.Api.Validation;
using Kobune.ApiServer.Registry;

namespace Kobune.ApiServer.Kinds.Core;

/// <summary>Secrets.</summary>
internal sealed class SecretStrategy : KindStrategy
{
    public override (string Group, string Resource) Resource => ("", "secrets");

    public override void ApplyDefaults(JsonObject obj)
    {
        obj.DefaultEmpty("type", "Opaque");

        // stringData is a way to write, never kept.
        if (obj.Child("stringData") is { } texts)
        {
            foreach (var (key, value) in texts)
            {
                obj.Need("data")[key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(value?.GetValue<string>() ?? ""));
            }

            obj.Remove("stringData");
        }
    }

    public override void Validate(EncodedObject obj, FieldErrors errors)
    {
        var secret = obj.Read<Secret>();
        long size = 0;
        foreach (var (key, value) in secret.Data.OrderBy(d => d.Key, StringComparer.Ordinal))
        {
            errors.Names($"data[{key}]", key, NameValidation.ConfigMapKey(key));
            size += value.Length;
        }

        if (size > ConfigMapStrategy.MaxBytes)
        {
            errors.TooLong("data", ConfigMapStrategy.MaxBytes);
        }

        TypeRules(secret, errors);
    }

    public override void ValidateUpdate(EncodedObject obj, EncodedObject old, string subresource, FieldErrors errors)
    {
        var (now, before) = (obj.Read<Secret>(), old.Read<Secret>());
        errors.Same("type", now.Type, before.Type);
        if (before.Immutable == true)
        {
            if (now.Immutable != true)
            {
                errors.Forbidden("immutable", ConfigMapStrategy.Sealed);
            }

            if (now with { Metadata = before.Metadata, Immutable = before.Immutable, Type = before.Type } != before)
            {
                errors.Forbidden("data", ConfigMapStrategy.Sealed);
            }
        }

        Validate(obj, errors);
    }

    private static void TypeRules(Secret secret, FieldErrors errors)
    {
        switch (secret.Type)
        {
            case "kubernetes.io/service-account-token":
                if (!secret.Metadata.Annotations.TryGetValue("kubernetes.io/service-account.name", out var account) || account.Length == 0)
                {
                    errors.Required("metadata.annotations[kubernetes.io/service-account.name]", "");
                }

                break;
            case "kubernetes.io/dockercfg":
                Json(".dockercfg");
                break;
            case "kubernetes.io/dockerconfigjson":
                Json(".dockerconfigjson");
                break;
            case "kubernetes.io/basic-auth":
                if (!secret.Data.ContainsKey("username") && !secret.Data.ContainsKey("password"))
                {
                    errors.Required("data[username]", "");
                    errors.Required("data[password]", "");
                }

                break;
            case "kubernetes.io/ssh-auth":
                Key("ssh-privatekey", mayBeEmpty: false);
                break;
            case "kubernetes.io/tls":
                Key("tls.crt");
                Key("tls.key");
                break;
        }

        void Key(string key, bool mayBeEmpty = true)
        {
            if (!secret.Data.TryGetValue(key, out var value) || (!mayBeEmpty && value.Length == 0))
            {
                errors.Required($"data[{key}]", "");
            }
        }

        void Json(string key)
        {
            Key(key);
            if (secret.Data.TryGetValue(key, out var value) && Problem(value) is { } problem)
            {
                errors.Invalid($"data[{key}]", "<secret contents redacted>", problem);
            }
        }
    }

    /// <summary>Why bytes are no JSON object, in the words of Go's decoder; null when they are one (or null, which it takes for one).</summary>
    private static string? Problem(ReadOnlyMemory<byte> value)
    {
        try
        {
            var kind = ObjectReader.Parse(value.Span).ValueKind;
            var name = kind switch
            {
                JsonValueKind.Array => "array",
                JsonValueKind.String => "string",
                JsonValueKind.Number => "number",
                JsonValueKind.True or JsonValueKind.False => "bool",
                _ => null,
            };
            return name is null ? null : $"json: cannot unmarshal {name} into Go value of type map[string]interface {{}}";
        }
        catch (ObjectDecodeException e)
        {
            return e.Message;
        }
    }
}
