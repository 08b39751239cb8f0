using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.UwvAdvice.National;

/// <summary>
/// The rows of the national index by prepared statements: every claim and every event of every municipality passes here, and
/// EF Core takes ten times as long for each.
/// </summary>
internal static class IndexRows
{
    /// <summary>A request of a person, as far as a claim looks at it.</summary>
    internal sealed record OfPerson(Guid AdviceRequestId, string Municipality, Guid? ClaimId, AdviceState State, Verdict Verdict, DateOnly? IssuedOn)
    {
        /// <summary>Claimed, requested or assessed: nobody else may ask for this person now.</summary>
        public bool IsRunning => State is AdviceState.Unspecified or AdviceState.Requested or AdviceState.Assessed;
    }

    /// <summary>All requests for a person.</summary>
    public static List<OfPerson> RequestsOf(this WriteSession<UwvPlatformStore> session, byte[] personHash)
    {
        var row = session.Statement("SELECT advice_request_id, municipality, claim_id, state, verdict, issued_on FROM indexed_requests WHERE person_hash = ?1");
        row.Bind(1, personHash);
        var found = new List<OfPerson>();
        while (row.Step())
        {
            found.Add(new OfPerson(
                row.Id(0), row.Text(1), row.IdOrNull(2), (AdviceState)row.Number(3), (Verdict)row.Number(4), row.DateOrNull(5)));
        }

        row.Reset();
        return found;
    }

    /// <summary>Whose request it is, and by which claim until it is known to be stored; null when there is none.</summary>
    public static (byte[] PersonHash, Guid? ClaimId)? FindRequest(this WriteSession<UwvPlatformStore> session, Guid adviceRequestId)
    {
        var row = session.Statement("SELECT person_hash, claim_id FROM indexed_requests WHERE advice_request_id = ?1");
        row.Bind(1, adviceRequestId);
        (byte[], Guid?)? found = row.Step() ? (row.Bytes(0).ToArray(), row.IdOrNull(1)) : null;
        row.Reset();
        return found;
    }

    /// <summary>Whether the index holds it.</summary>
    public static bool HasRequest(this ReadSession<UwvPlatformStore> session, Guid adviceRequestId) =>
        session.Command("SELECT 1 FROM indexed_requests WHERE advice_request_id = $id").Set("$id", adviceRequestId.Bytes()).ExecuteScalar() is not null;

    /// <summary>Adds a request that does not stand anywhere yet, or puts it in the place of the same one.</summary>
    public static void Put(this WriteSession<UwvPlatformStore> session, IndexedRequest request)
    {
        var put = session.Statement("""
            REPLACE INTO indexed_requests (
              advice_request_id, person_hash, municipality, claim_id, requester, kind, benefit, prior_contact, requester_reference, received_on, due_on,
              outcome, state, verdict, ground, issued_on, version)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, 0, 0, 0, NULL, 0)
            """);
        put.Bind(1, request.AdviceRequestId);
        put.Bind(2, request.PersonHash);
        put.Bind(3, request.Municipality);
        put.BindOrNull(4, request.ClaimId);
        put.Bind(5, (int)request.Requester);
        put.Bind(6, (int)request.Kind);
        put.Bind(7, (int)request.Benefit);
        put.Bind(8, (int)request.PriorContact);
        put.BindOrNull(9, request.RequesterReference);
        put.Bind(10, request.ReceivedOn);
        put.Bind(11, request.DueOn);
        put.Run();
    }

    /// <summary>Takes over how a request stands, which is stored at its municipality, so that its claim is over. What is older than what is known changes nothing.</summary>
    /// <returns>False when the index does not hold it.</returns>
    public static bool Follow(this WriteSession<UwvPlatformStore> session, Guid adviceRequestId, Standing standing)
    {
        var follow = session.Statement("""
            UPDATE indexed_requests SET claim_id = NULL,
              state = iif(version < ?2, ?3, state), outcome = iif(version < ?2, coalesce(?4, outcome), outcome), verdict = iif(version < ?2, ?5, verdict),
              ground = iif(version < ?2, ?6, ground), issued_on = iif(version < ?2, ?7, issued_on), version = max(version, ?2)
            WHERE advice_request_id = ?1
            """);
        follow.Bind(1, adviceRequestId);
        follow.Bind(2, standing.Version);
        follow.Bind(3, (int)standing.State);
        follow.BindOrNull(4, (long?)standing.Outcome);
        follow.Bind(5, (int)standing.Verdict);
        follow.Bind(6, (int)standing.Ground);
        follow.BindOrNull(7, standing.IssuedOn);
        return follow.Run() > 0;
    }

    /// <summary>Forgets a request that its municipality does not hold, as long as the claim on it is the same.</summary>
    public static void Forget(this WriteSession<UwvPlatformStore> session, Guid adviceRequestId, Guid? claimId)
    {
        var forget = session.Statement("DELETE FROM indexed_requests WHERE advice_request_id = ?1 AND claim_id IS ?2");
        forget.Bind(1, adviceRequestId);
        forget.BindOrNull(2, claimId);
        forget.Run();
    }
}
