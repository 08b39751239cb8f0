using BeschutWerk.Backbone.Events;
using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using Google.Protobuf.WellKnownTypes;
using Microsoft.EntityFrameworkCore;

namespace BeschutWerk.Municipalities.Webhooks;

/// <summary>Webhooks by id, and where each stands.</summary>
static class ListWebhooks
{
    /// <summary>How far ahead waiting events are counted: a count over a whole log would take long.</summary>
    private const int CountedAhead = 10_000;

    public static ListWebhooksResponse Run(ListWebhooksRequest request, ReadSession<MunicipalityStore> session)
    {
        var page = new ListPage(request, session.Caller);
        var after = page.After(Guid.Empty).Bytes();
        // By hand: EF Core does not compare Guids that are stored as bytes.
        var found = session.Store.Webhooks
            .FromSql($"SELECT * FROM webhooks WHERE webhook_id > {after} ORDER BY webhook_id LIMIT {page.Limit}").ToList();
        var (rows, next) = page.Cut(found, row => row.WebhookId.Text());
        var response = new ListWebhooksResponse { NextPageToken = next };
        response.Webhooks.Add(rows.Select(row => ToMessage(row, session)));
        return response;
    }

    private static Webhook ToMessage(WebhookRow row, ReadSession<MunicipalityStore> session) => new()
    {
        WebhookId = row.WebhookId.Text(),
        Url = WebhookTarget.Unseal(session.Keys, row).Url,
        Types_ = { row.WantedTypes },
        State = row.State,
        PauseReason = row.PauseReason,
        PausedAt = row.PausedAt?.ToTimestamp(),
        CreatedAt = row.CreatedAt.ToTimestamp(),
        ResumeToken = session.TokenAfter(row.Position),
        EventsWaiting = Waiting(row, session),
        Failing = session.Store.Failing(row)?.ToMessage(),
    };

    private static int Waiting(WebhookRow row, ReadSession<MunicipalityStore> session) => Convert.ToInt32(session.Command("""
        SELECT COUNT(*) FROM events
        WHERE position > $after AND position <= $after + $ahead AND ($types = '[]' OR type IN (SELECT value FROM json_each($types)))
        """).Set("$after", row.Position).Set("$ahead", CountedAhead).Set("$types", row.TypesInLog()).ExecuteScalar());
}
