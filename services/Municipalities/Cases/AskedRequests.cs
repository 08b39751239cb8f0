using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.Sector.Persons;
using Google.Protobuf;

namespace BeschutWerk.Municipalities.Cases;

/// <summary>
/// Calls that ask UWV for advice, from before they ask until they are answered. UWV takes a repeated call only with the same content,
/// so a retry repeats what the first try sent, whatever was corrected or joined meanwhile.
/// </summary>
static class AskedRequests
{
    // As long as answers are kept: a caller that repeats its call does so before.
    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    /// <summary>What a call is kept by: its request_id is its caller's own, so that another's is another call.</summary>
    public static Guid IdOf(Contracts.Municipalities.RequestAdviceRequest request, WriteSession<MunicipalityStore> session) =>
        session.Caller.IdFor(Ids.Parse(request.RequestId), "asked");

    /// <summary>Keeps what a call asks, and forgets what nobody repeats any more.</summary>
    /// <param name="digest">Of the municipality's call.</param>
    public static void Keep(Guid callId, Guid caseId, byte[] digest, RequestAdviceRequest asked, WriteSession<MunicipalityStore> session)
    {
        var old = session.Statement("DELETE FROM asked_requests WHERE asked_at < ?1");
        old.Bind(1, (session.Now - Kept).ToUnixTimeMilliseconds());
        old.Run();
        var keep = session.Statement("""
            INSERT INTO asked_requests (request_id, case_id, digest, asked, asked_at) VALUES (?1, ?2, ?3, ?4, ?5)
            """);
        keep.Bind(1, callId);
        keep.Bind(2, caseId);
        keep.Bind(3, digest);
        keep.Bind(4, session.Persons.Seal(asked.ToByteArray(), Row(callId)));
        keep.Bind(5, session.Now.ToUnixTimeMilliseconds());
        keep.Run();
    }

    /// <summary>What a call asks that is not answered yet; null when it did not ask.</summary>
    public static AskedRequest? Find(Guid callId, WriteSession<MunicipalityStore> session)
    {
        var row = session.Statement("SELECT case_id, digest, asked FROM asked_requests WHERE request_id = ?1");
        row.Bind(1, callId);
        (Guid CaseId, byte[]? Digest, byte[]? Box)? found = row.Step()
            ? (row.Id(0), row.IsNull(1) ? null : row.Bytes(1).ToArray(), row.IsNull(2) ? null : row.Bytes(2).ToArray())
            : null;
        row.Reset();
        if (found is not { } kept) return null;
        var asked = kept.Box is null ? null : RequestAdviceRequest.Parser.ParseFrom(session.Persons.Unseal(kept.Box, Row(callId)));
        return new AskedRequest(kept.CaseId, kept.Digest, asked);
    }

    public static void Forget(Guid callId, WriteSession<MunicipalityStore> session)
    {
        var forget = session.Statement("DELETE FROM asked_requests WHERE request_id = ?1");
        forget.Bind(1, callId);
        forget.Run();
    }

    // Bound to the call and not to the case, which may be joined to another.
    private static Guid Row(Guid callId) => Ids.Derive(callId, "asked request");
}

/// <summary>What a call asks of UWV.</summary>
/// <param name="CaseId">The case that it asks for.</param>
/// <param name="Digest">Of the municipality's call; null when an earlier version asked, which kept the case alone.</param>
/// <param name="Asked">As it was first sent; null when an earlier version asked.</param>
sealed record AskedRequest(Guid CaseId, byte[]? Digest, RequestAdviceRequest? Asked)
{
    /// <summary>Whether this very call asked it.</summary>
    public bool IsOf(byte[] digest, Guid caseId) => Digest?.SequenceEqual(digest) ?? CaseId == caseId;
}
