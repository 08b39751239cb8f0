using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Webhooks.Delivering;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>Adds a webhook. It delivers nothing until its secret was told: see <see cref="WebhookState.NotStarted"/>.</summary>
static class CreateWebhook
{
    /// <summary>What the webhook is to send.</summary>
    /// <param name="Types">CloudEvent types; none for all.</param>
    /// <param name="Start">The position of the log that it starts behind; null for where the log then is.</param>
    public sealed record Wish(IReadOnlyList<string> Types, long? Start);

    /// <param name="mayHold">Whether events of a type can stand in the municipality's feed.</param>
    public static void CheckFields(CreateWebhookRequest request, WebhookSettings settings, Func<EventType, bool> mayHold, FieldChecks checks)
    {
        if (ReceiverAddress.Fault(request.Url, settings) is { } fault) checks.Require(false, "url", fault);
        EventFilter.Read(request.Types_, mayHold, checks);
        checks.Require(ResumeToken.IsWellFormed(request.After), "after", ResumeToken.NoToken);
        checks.Require(request.After.Length == 0 || !request.FromBeginning, "from_beginning", "Not together with after.");
    }

    public static async Task<Wish> Prepare(CreateWebhookRequest request, CallScope<MunicipalityStore, MunicipalitiesStore> scope)
    {
        var types = EventFilter.Read(request.Types_, scope.Feed.MayHold, new FieldChecks());
        long? start = request.FromBeginning ? 0 : request.After.Length == 0 ? null : await scope.ReadAsync(session => session.PositionOf(request.After));
        var code = scope.Municipality.Code;
        await scope.WritePlatformAsync(session => WebhookMunicipality.Note(code, session));
        return new Wish(types, start);
    }

    public static CreateWebhookResponse Run(
        CreateWebhookRequest request, Wish wish, WebhookDeliveries deliveries, WriteSession<MunicipalityStore> session)
    {
        if (session.Store.Webhooks.Count() >= WebhookSettings.MostPerMunicipality)
        {
            throw Refusal.Of(ErrorReason.WebhookLimitReached, $"A municipality has at most {WebhookSettings.MostPerMunicipality} webhooks.").ToException();
        }

        var id = Ids.New();
        session.Store.Webhooks.Add(new WebhookRow
        {
            WebhookId = id,
            Target = new WebhookTarget(request.Url, WebhookSignature.NewSecret()).Seal(session.Keys, id),
            Types = string.Join(' ', wish.Types),
            Position = wish.Start ?? (long)session.Command("SELECT COALESCE(MAX(position), 0) FROM events").ExecuteScalar()!,
            CreatedAt = session.Now,
        });
        session.WakeAfterCommit(deliveries, id);
        return new CreateWebhookResponse { WebhookId = id.Text() };
    }

    /// <summary>Adds the secret to the answer. Not in <see cref="Run"/>: an answer is kept, and not sealed.</summary>
    public static CreateWebhookResponse Tell(CreateWebhookResponse response, ReadSession<MunicipalityStore> session)
    {
        // Deleted since, when the call was repeated.
        if (session.Store.Webhooks.Find(Ids.Parse(response.WebhookId)) is { } row) response.Secret = WebhookTarget.Unseal(session.Keys, row).Secret;
        return response;
    }
}
