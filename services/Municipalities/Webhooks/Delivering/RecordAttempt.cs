using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.Municipalities.Webhooks.Delivering;

/// <summary>Remembers what came of an attempt, and what follows from it.</summary>
static class RecordAttempt
{
    /// <returns>Why the webhook is paused because of it; UNSPECIFIED when it is not.</returns>
    public static PauseReason Run(Guid webhookId, NextStep.Deliver tried, Attempt attempt, WriteSession<MunicipalityStore> session)
    {
        // Deleted meanwhile; or restored, so that the position may be another event's.
        if (session.Store.Webhooks.Find(webhookId) is not { } webhook || !session.IsEpoch(tried.Epoch)) return PauseReason.Unspecified;

        var position = tried.Logged.Position;
        var delivery = session.Store.Deliveries.FirstOrDefault(row => row.WebhookId == webhookId && row.Position == position) ?? Add(webhookId, tried, attempt, session);
        delivery.Note(attempt);
        if (attempt.Delivered)
        {
            webhook.Position = Math.Max(webhook.Position, position);
            return PauseReason.Unspecified;
        }

        // Asked for by hand, of an event that was delivered before or of a webhook that is paused: nothing follows by itself.
        if (position <= webhook.Position || webhook.State == WebhookState.Paused) return PauseReason.Unspecified;
        var consequence = RetrySchedule.After(attempt.Failure, delivery.FailedInARow);
        if (consequence.Delay is { } delay) delivery.TryAgain(attempt.EndedAt + delay, consequence.FailedInARow);
        else webhook.Pause(consequence.Pause, session.Now);
        return consequence.Pause;
    }

    /// <summary>Remembers that nothing up to a position is wanted.</summary>
    public static bool Pass(Guid webhookId, NextStep.Pass passed, WriteSession<MunicipalityStore> session)
    {
        if (session.Store.Webhooks.Find(webhookId) is not { } webhook || !session.IsEpoch(passed.Epoch)) return false;
        webhook.Position = Math.Max(webhook.Position, passed.Position);
        return true;
    }

    /// <summary>Remembers that the webhook's secret was told.</summary>
    public static bool Start(Guid webhookId, WriteSession<MunicipalityStore> session)
    {
        session.Store.Webhooks.Find(webhookId)?.Start();
        return true;
    }

    private static bool IsEpoch(this WriteSession<MunicipalityStore> session, string epoch) =>
        epoch.Equals(session.Command("SELECT epoch FROM store").ExecuteScalar());

    private static DeliveryRow Add(Guid webhookId, NextStep.Deliver tried, Attempt attempt, WriteSession<MunicipalityStore> session)
    {
        var added = new DeliveryRow
        {
            WebhookId = webhookId,
            Position = tried.Logged.Position,
            EventId = Ids.Parse(tried.Logged.Event.Id),
            Type = tried.Logged.Event.Type,
            FirstAttemptAt = attempt.EndedAt,
        };
        session.Store.Deliveries.Add(added);
        return added;
    }
}
