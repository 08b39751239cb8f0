using BeschutWerk.Backbone.Messaging;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;
using BeschutWerk.UwvAdvice.Advising;

namespace BeschutWerk.UwvAdvice.FromMunicipalities;

/// <summary>
/// A candidate dropped out before a placement: the municipality's running request ends with it, or it would keep every other
/// municipality and the citizen from asking. When the person died, a citizen's own request ends too. A request of the
/// municipality that is still on its way ends when it arrives.
/// </summary>
internal static class CandidateDroppedOutReaction
{
    public static void Apply(CandidateDroppedOut dropped, ReceivedEvent received, WriteSession<UwvStore> session)
    {
        if (dropped.Phase != DropoutPhase.BeforePlacement)
        {
            return;
        }
        var caseId = JoinedCases.IdOf(Ids.Parse(dropped.CaseId), session);
        if (!Dropouts.Keep(Ids.Parse(received.Id), caseId, dropped, received.Time, session))
        {
            return;
        }
        foreach (var id in RunningOfPersonOf(caseId, dropped.Reason == DropoutReason.Deceased, session))
        {
            var dossier = Dossier.Find(session, id)!;
            if (DossierRules.OnDropout(dossier, dropped, received.Time) is not { } ended)
            {
                continue;
            }
            dossier.Apply(ended);
            dossier.Save(session);
            session.Raise(ended, ended.AdviceRequestId);
        }
    }

    private static List<Guid> RunningOfPersonOf(Guid caseId, bool ofThePerson, WriteSession<UwvStore> session)
    {
        var rows = session.Statement(ofThePerson
            ? "SELECT advice_request_id FROM dossiers WHERE state IN (1, 2) AND person_id IN (SELECT person_id FROM dossiers WHERE case_id = ?1)"
            : "SELECT advice_request_id FROM dossiers WHERE state IN (1, 2) AND case_id = ?1");
        rows.Bind(1, caseId);
        var found = new List<Guid>();
        while (rows.Step())
        {
            found.Add(rows.Id(0));
        }

        rows.Reset();
        return found;
    }
}
