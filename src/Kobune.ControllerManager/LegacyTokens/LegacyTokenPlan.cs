using System.Globalization;
using Kobune.Api.Core.V1;
using Kobune.Client.Informers;
using Kobune.ControllerManager.Tokens;

namespace Kobune.ControllerManager.LegacyTokens;

/// <summary>What becomes of a token in a Secret that upstream's older releases made by themselves and nobody uses. Source: pkg/controller/serviceaccount/legacy_serviceaccount_token_cleaner.go.</summary>
internal static class LegacyTokenPlan
{
    public const string LastUsed = "kubernetes.io/legacy-token-last-used";
    public const string InvalidSince = "kubernetes.io/legacy-token-invalid-since";
    private const string DateFormat = "yyyy-MM-dd";

    public static string Date(DateTimeOffset time) => time.UtcDateTime.ToString(DateFormat, CultureInfo.InvariantCulture);

    /// <summary>Whether uses have been written down for long enough, all of the first day left out.</summary>
    public static bool IsTrackedLongEnough(string since, DateTimeOffset now, TimeSpan period) => Parse(since) is { } day && day.AddDays(1) <= now - period;

    /// <summary>The account whose token it is: another one of its name is none.</summary>
    public static ServiceAccount? AccountOf(Secret secret, ICache<ServiceAccount> accounts)
    {
        var (name, uid) = (secret.Metadata.Annotations.GetValueOrDefault(TokensController.AccountName, ""), secret.Metadata.Annotations.GetValueOrDefault(TokensController.AccountUid, ""));
        return accounts.Find(secret.Metadata.Namespace, name) is { } account && (uid.Length == 0 || uid == account.Metadata.Uid) ? account : null;
    }

    /// <summary>One token.</summary>
    /// <param name="secret">Its Secret.</param>
    /// <param name="account">Its service account; null when that is gone.</param>
    /// <param name="isMounted">Whether a pod names the Secret.</param>
    /// <param name="now">The time.</param>
    /// <param name="period">How long a token must be unused, and then invalid.</param>
    public static LegacyTokenStep Compute(Secret secret, ServiceAccount? account, bool isMounted, DateTimeOffset now, TimeSpan period)
    {
        var limit = Date(now - period);
        if (secret.Metadata.CreationTimestamp >= now - period || secret.Metadata.DeletionTimestamp is not null)
        {
            return LegacyTokenStep.Keep;
        }

        if (secret.Metadata.Labels.TryGetValue(LastUsed, out var used) && (Parse(used) is null || string.CompareOrdinal(used, limit) >= 0))
        {
            return LegacyTokenStep.Keep;
        }

        if (isMounted || account?.Secrets.Any(s => s.Name == secret.Metadata.Name) != true)
        {
            return LegacyTokenStep.Keep; // in use, or made by hand
        }

        var invalid = secret.Metadata.Labels.GetValueOrDefault(InvalidSince, "");
        return Parse(invalid) is null ? LegacyTokenStep.Invalidate : string.CompareOrdinal(invalid, limit) >= 0 ? LegacyTokenStep.Keep : LegacyTokenStep.Delete;
    }

    private static DateTimeOffset? Parse(string date) =>
        DateTimeOffset.TryParseExact(date, DateFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed) ? parsed : null;
}

/// <summary>What is done to a token.</summary>
internal enum LegacyTokenStep
{
    /// <summary>Nothing.</summary>
    Keep,

    /// <summary>It is labelled: from now on nobody is let in with it.</summary>
    Invalidate,

    /// <summary>Its Secret goes.</summary>
    Delete,
}
