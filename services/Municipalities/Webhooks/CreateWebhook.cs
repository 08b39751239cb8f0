using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.Municipalities.Webhooks.Delivering;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>Adds a webhook.</summary>
static class CreateWebhook
{
    /// <returns>The position of the log that it starts behind; null for where the log then is.</returns>
    public static async Task<long?> Prepare(CreateWebhookRequest request, WebhookSettings settings, CallScope<MunicipalityStore, MunicipalitiesStore> scope)
    {
        var checks = new FieldChecks();
        if (ReceiverAddress.Fault(request.Url, settings) is { } fault) checks.Require(false, "url", fault);
        for (var i = 0; i < request.Types_.Count; i++)
        {
            checks.Require(EventTypes.NameOf(request.Types_[i]) is { } name && EventTypes.Find(name) is { IsPlatform: false }, $"types[{i}]", "Is no event of a municipality.");
        }

        checks.Require(ResumeToken.IsWellFormed(request.After), "after", ResumeToken.NoToken);
        checks.Require(request.After.Length == 0 || !request.FromBeginning, "from_beginning", "Not together with after.");
        checks.ThrowIfAny();

        long? start = request.FromBeginning ? 0 : request.After.Length == 0 ? null : await scope.ReadAsync(session => session.PositionOf(request.After));
        var code = scope.Municipality.Code;
        await scope.WritePlatformAsync(session => WebhookMunicipality.Note(code, session));
        return start;
    }

    public static CreateWebhookResponse Run(CreateWebhookRequest request, long? start, WebhookDeliveries deliveries, WriteSession<MunicipalityStore> session)
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
            Types = string.Join(' ', request.Types_),
            Position = start ?? (long)session.Command("SELECT COALESCE(MAX(position), 0) FROM events").ExecuteScalar()!,
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
