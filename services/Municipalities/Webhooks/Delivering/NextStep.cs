using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Webhooks.Delivering;

/// <summary>What is to be done for a webhook now, as its store says. Nothing of it is kept in memory.</summary>
abstract record NextStep
{
    /// <summary>Events of other types after which it is remembered that they were passed: so many are looked at again after a restart.</summary>
    private const int PassedAtOnce = 500;

    /// <summary>Nothing, ever again.</summary>
    public sealed record Deleted : NextStep;

    /// <summary>Nothing until its secret was told.</summary>
    public sealed record NotStarted : NextStep;

    /// <summary>Nothing until it is resumed.</summary>
    public sealed record Paused(PauseReason Reason) : NextStep;

    /// <summary>The next attempt, but not yet.</summary>
    public sealed record WaitUntil(DateTimeOffset DueAt) : NextStep;

    /// <summary>Nothing until the log grows.</summary>
    public sealed record CaughtUp : NextStep;

    /// <summary>Remember that nothing up to here is wanted, and look further.</summary>
    public sealed record Pass(long Position, string Epoch) : NextStep;

    /// <summary>An attempt; again, when there was one before.</summary>
    public sealed record Deliver(LoggedEvent Logged, WebhookTarget Target, bool Again, string Epoch) : NextStep;

    public static NextStep Of(Guid webhookId, DateTimeOffset now, ReadSession<MunicipalityStore> session)
    {
        var store = session.Store;
        var webhook = store.Webhooks.FirstOrDefault(row => row.WebhookId == webhookId);
        if (webhook is null) return new Deleted();
        if (webhook.State == WebhookState.NotStarted) return new NotStarted();
        if (store.Deliveries.FirstOrDefault(row => row.WebhookId == webhookId && row.Asked) is { } asked) return DeliverAt(asked.Position, again: true);
        if (webhook.State == WebhookState.Paused) return new Paused(webhook.PauseReason);
        if (store.Failing(webhook) is { } failing) return failing.NextAttemptAt > now ? new WaitUntil(failing.NextAttemptAt.Value) : DeliverAt(failing.Position, again: true);

        var until = Math.Min(EventLog.Head(session), webhook.Position + PassedAtOnce);
        if (FirstWanted(webhook, until, session) is { } wanted) return Send(wanted, again: false);
        return until < webhook.Position + PassedAtOnce ? new CaughtUp() : new Pass(until, session.Epoch);

        Deliver DeliverAt(long position, bool again) => Send(EventLog.ReadAt(session, [position])[0], again);

        Deliver Send(LoggedEvent logged, bool again) => new(logged, WebhookTarget.Unseal(session.Keys, webhook), again, session.Epoch);
    }

    private static LoggedEvent? FirstWanted(WebhookRow webhook, long until, ReadSession<MunicipalityStore> session)
    {
        var after = webhook.Position;
        while (NextWanted(webhook, after, until, session) is { } position)
        {
            var logged = EventLog.ReadAt(session, [position])[0];
            // An earlier version kept what the municipality may not see.
            if (Audience.IsOpen(logged.Event)) return logged;
            after = position;
        }

        return null;
    }

    private static long? NextWanted(WebhookRow webhook, long after, long until, ReadSession<MunicipalityStore> session) =>
        (long?)session.Command("""
        SELECT position FROM events
        WHERE position > $after AND position <= $until AND ($types = '[]' OR type IN (SELECT value FROM json_each($types)))
        ORDER BY position LIMIT 1
        """).Set("$after", after).Set("$until", until).Set("$types", webhook.TypesInLog()).ExecuteScalar();
}
