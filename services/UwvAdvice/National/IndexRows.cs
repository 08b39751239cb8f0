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
    internal sealed record OfPerson(
        Guid AdviceRequestId, string Municipality, Guid? ClaimId, AdviceState State, Verdict Verdict, DateOnly? IssuedOn,
        Requester Requester, bool SharedBeforeAdvice)
    {
        /// <summary>
        /// Whether who asks may be told of it before its advice. Participatiewet 10b lid 3: of a citizen's own request the
        /// municipality hears with the advice, unless the citizen shared it with that municipality. A citizen asks about themselves.
        /// </summary>
        public bool MayBeToldTo(Requester asks, string municipality) =>
            asks == Requester.Citizen || Requester == Requester.Municipality || (SharedBeforeAdvice && Municipality == municipality);

        /// <summary>Claimed, requested or assessed: nobody else may ask for this person now.</summary>
        public bool IsRunning => State is AdviceState.Unspecified or AdviceState.Requested or AdviceState.Assessed;
    }

    private const string OfPersonHash = """
        SELECT advice_request_id, municipality, claim_id, state, verdict, issued_on, requester, shared_before_advice
        FROM indexed_requests WHERE person_hash = ?1
        """;

    /// <summary>All requests for a person.</summary>
    public static List<OfPerson> RequestsOf(this WriteSession<UwvPlatformStore> session, byte[] personHash) =>
        RequestsOf(session.Statement(OfPersonHash), personHash);

    /// <summary>All requests for a person.</summary>
    public static List<OfPerson> RequestsOf(this ReadSession<UwvPlatformStore> session, byte[] personHash) =>
        RequestsOf(session.Statement(OfPersonHash), personHash);

    private static List<OfPerson> RequestsOf(Statement row, byte[] personHash)
    {
        row.Bind(1, personHash);
        var found = new List<OfPerson>();
        while (row.Step())
        {
            found.Add(new OfPerson(
                row.Id(0), row.Text(1), row.IdOrNull(2), (AdviceState)row.Number(3), (Verdict)row.Number(4), row.DateOrNull(5),
                (Requester)row.Number(6), row.Number(7) != 0));
        }

        row.Reset();
        return found;
    }

    /// <summary>Whose request it is, by which claim until it is known to be stored, and whether whose it is was told.</summary>
    internal sealed record Held(byte[] PersonHash, Guid? ClaimId, bool Recognised);

    /// <summary>A request of the index; null when there is none.</summary>
    public static Held? FindRequest(this WriteSession<UwvPlatformStore> session, Guid adviceRequestId)
    {
        var row = session.Statement("SELECT person_hash, claim_id, recognised FROM indexed_requests WHERE advice_request_id = ?1");
        row.Bind(1, adviceRequestId);
        var found = row.Step() ? new Held(row.Bytes(0).ToArray(), row.IdOrNull(1), row.Number(2) != 0) : null;
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
              outcome, state, verdict, ground, issued_on, version, recognised, shared_before_advice)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, 0, 0, 0, 0, NULL, 0, ?12, ?13)
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
        put.Bind(12, request.Recognised ? 1 : 0);
        put.Bind(13, request.SharedBeforeAdvice ? 1 : 0);
        put.Run();
    }

    /// <summary>Takes over how a request stands, which is stored at its municipality, so that its claim is over. What is older than what is known changes nothing.</summary>
    /// <returns>False when the index does not hold it.</returns>
    public static bool Follow(this WriteSession<UwvPlatformStore> session, Guid adviceRequestId, RequestState state)
    {
        var follow = session.Statement("""
            UPDATE indexed_requests SET claim_id = NULL,
              state = iif(version < ?2, ?3, state), outcome = iif(version < ?2, coalesce(?4, outcome), outcome), verdict = iif(version < ?2, ?5, verdict),
              ground = iif(version < ?2, ?6, ground), issued_on = iif(version < ?2, ?7, issued_on), version = max(version, ?2)
            WHERE advice_request_id = ?1
            """);
        follow.Bind(1, adviceRequestId);
        follow.Bind(2, state.Version);
        follow.Bind(3, (int)state.State);
        follow.BindOrNull(4, (long?)state.Outcome);
        follow.Bind(5, (int)state.Verdict);
        follow.Bind(6, (int)state.Ground);
        follow.BindOrNull(7, state.IssuedOn);
        return follow.Run() > 0;
    }

    /// <summary>The request is about another person than was thought; whose it is now is told with it.</summary>
    public static void SetPerson(this WriteSession<UwvPlatformStore> session, Guid adviceRequestId, byte[] personHash)
    {
        var set = session.Statement("UPDATE indexed_requests SET person_hash = ?2, recognised = 1 WHERE advice_request_id = ?1");
        set.Bind(1, adviceRequestId);
        set.Bind(2, personHash);
        set.Run();
    }

    /// <summary>Requests of which it was not told yet whose they are.</summary>
    public static List<Guid> Unrecognised(this WriteSession<UwvPlatformStore> session, int most)
    {
        var row = session.Statement("SELECT advice_request_id FROM indexed_requests WHERE recognised = 0 LIMIT ?1");
        row.Bind(1, most);
        var found = new List<Guid>();
        while (row.Step())
        {
            found.Add(row.Id(0));
        }

        row.Reset();
        return found;
    }

    /// <summary>It was told whose request it is.</summary>
    public static void SetRecognised(this WriteSession<UwvPlatformStore> session, Guid adviceRequestId)
    {
        var set = session.Statement("UPDATE indexed_requests SET recognised = 1 WHERE advice_request_id = ?1");
        set.Bind(1, adviceRequestId);
        set.Run();
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
