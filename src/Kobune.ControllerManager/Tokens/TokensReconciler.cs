using System.Collections.Concurrent;
using System.Text;
using Kobune.Api.Core.V1;
using Kobune.Api.Meta.V1;
using Kobune.Client;
using Kobune.Client.Controllers;
using Kobune.Client.Informers;

namespace Kobune.ControllerManager.Tokens;

/// <summary>
/// Gives Secrets of type service-account-token their token, authority and namespace, and deletes those whose service account is gone. Source:
/// pkg/controller/serviceaccount/tokens_controller.go.
/// </summary>
internal sealed class TokensReconciler(ICache<Secret> secrets, ICache<ServiceAccount> accounts, IClient client, ILegacyTokenSigner signer, string authority) : IReconciler
{
    private readonly ConcurrentDictionary<ObjectKey, (string Account, string Uid)> _gone = new();

    /// <summary>A Secret is gone: its account forgets it. Called before the key is queued.</summary>
    public void Observe(Change<Secret> change)
    {
        if (change.New is not null)
        {
            _gone.TryRemove(change.Key, out _);
        }
        else if (change.Object.Metadata.Annotations.GetValueOrDefault(TokensController.AccountName) is { Length: > 0 } account)
        {
            _gone[change.Key] = (account, change.Object.Metadata.Annotations.GetValueOrDefault(TokensController.AccountUid, ""));
        }
    }

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken ct)
    {
        if (secrets.Find(key) is null && _gone.TryGetValue(key, out var gone))
        {
            await ForgetAsync(key, gone.Account, gone.Uid, ct);
            _gone.TryRemove(new(key, gone));
            return ReconcileResult.Done;
        }

        if (secrets.Find(key) is not { } secret || secret.IsDeleting() || secret.Metadata.Annotations.GetValueOrDefault(TokensController.AccountName) is not { Length: > 0 } name)
        {
            return ReconcileResult.Done;
        }

        if (await AccountAsync(key.Namespace, name, secret.Metadata.Annotations.GetValueOrDefault(TokensController.AccountUid, ""), ct) is not { } account)
        {
            await DeleteAsync(secret, ct);
            return ReconcileResult.Done;
        }

        if (Fill(secret, account) is { } filled)
        {
            await client.UpdateAsync(filled, ct);
        }

        return ReconcileResult.Done;
    }

    /// <summary>Takes a Secret that is gone out of its account's list.</summary>
    private async Task ForgetAsync(ObjectKey secret, string name, string uid, CancellationToken ct)
    {
        if (await client.FindAsync<ServiceAccount>(secret.Namespace, name, ct) is { } account && (uid.Length == 0 || account.Metadata.Uid == uid) && account.Secrets.Any(s => s.Name == secret.Name))
        {
            await client.UpdateAsync(account with { Secrets = [.. account.Secrets.Where(s => s.Name != secret.Name)] }, ct);
        }
    }

    /// <summary>The account of the Secret, looked up live before it counts as gone.</summary>
    private async Task<ServiceAccount?> AccountAsync(string ns, string name, string uid, CancellationToken ct)
    {
        if (accounts.Find(ns, name) is { } cached && (uid.Length == 0 || cached.Metadata.Uid == uid))
        {
            return cached;
        }

        return await client.FindAsync<ServiceAccount>(ns, name, ct) is { } live && (uid.Length == 0 || live.Metadata.Uid == uid) ? live : null;
    }

    /// <summary>The Secret as it should be; null when it is.</summary>
    private Secret? Fill(Secret secret, ServiceAccount account)
    {
        var (ns, name) = ObjectKey.Of(secret);
        var wantsAuthority = authority.Length > 0 && Text(secret, "ca.crt") != authority;
        var wantsNamespace = Text(secret, "namespace").Length == 0; // another one is its owner's will
        var wantsToken = Text(secret, "token").Length == 0;
        if (!wantsAuthority && !wantsNamespace && !wantsToken)
        {
            return null;
        }

        var data = secret.Data.ToDictionary();
        if (authority.Length > 0)
        {
            data["ca.crt"] = Encoding.UTF8.GetBytes(authority);
        }

        if (wantsNamespace)
        {
            data["namespace"] = Encoding.UTF8.GetBytes(ns);
        }

        if (wantsToken)
        {
            data["token"] = Encoding.UTF8.GetBytes(signer.Sign(ns, account.Metadata.Name, account.Metadata.Uid, name));
        }

        var annotations = secret.Metadata.Annotations.ToDictionary();
        annotations[TokensController.AccountUid] = account.Metadata.Uid;
        return secret with { Data = data, Metadata = secret.Metadata with { Annotations = annotations } };
    }

    private static string Text(Secret secret, string key) => secret.Data.TryGetValue(key, out var bytes) ? Encoding.UTF8.GetString(bytes.Span) : "";

    private async Task DeleteAsync(Secret secret, CancellationToken ct)
    {
        try
        {
            await client.DeleteAsync<Secret>(secret.Metadata.Namespace, secret.Metadata.Name, new DeleteOptions { Preconditions = new Preconditions { Uid = secret.Metadata.Uid } }, ct);
        }
        catch (ApiException e) when (e.IsNotFound || e.IsConflict)
        {
            // Gone already, or another one of this name.
        }
    }
}
