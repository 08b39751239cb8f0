using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Insight.Facts;

namespace BeschutWerk.Insight.FromUwv;

/// <summary>Whose a request is. What is told last holds: a request may turn out to be about somebody else.</summary>
internal static class PersonRecognisedReaction
{
    public static void Apply(PersonRecognised recognised, WriteSession<InsightStore> session)
    {
        var put = session.Statement("""
            INSERT INTO recognised_requests (advice_request_id, pseudonym) VALUES (?1, ?2)
            ON CONFLICT (advice_request_id) DO UPDATE SET pseudonym = ?2
            """);
        put.Bind(1, FactIds.Of(recognised.AdviceRequestId));
        put.Bind(2, FactIds.Of(recognised.Pseudonym));
        put.Run();
    }
}
