using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.UwvAdvice.FromMunicipalities;

/// <summary>Which case a citizen's own request has at the municipality; its own requests name their case.</summary>
internal static class CaseOfRequest
{
    public static void Opened(CaseOpened opened, WriteSession<UwvStore> session) => Note(opened.AdviceRequestId, opened.CaseId, session);

    public static void Determined(CaseDetermined determined, WriteSession<UwvStore> session) =>
        Note(determined.AdviceRequestId, determined.CaseId, session);

    private static void Note(string adviceRequestId, string caseId, WriteSession<UwvStore> session)
    {
        if (adviceRequestId.Length == 0)
        {
            return;
        }
        var note = session.Statement("UPDATE dossiers SET case_id = ?2 WHERE advice_request_id = ?1 AND case_id IS NULL");
        note.Bind(1, Ids.Parse(adviceRequestId));
        note.Bind(2, JoinedCases.IdOf(Ids.Parse(caseId), session));
        note.Run();
    }
}
