using BeschutWerk.Backbone.Grpc;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Municipalities;

namespace BeschutWerk.SwCompanies.FromMunicipalities;

/// <summary>
/// A municipality took back an act: who may be placed is as if it had never been. What is still free of a place is told after it.
/// </summary>
internal static class ActsTakenBack
{
    public static void Apply(ActTakenBack act, WriteSession<SwCompanyStore> session)
    {
        switch (act.Kind)
        {
            case ActKind.Determination: Determination(act, session); break;
            case ActKind.Offer: Run("DELETE FROM offers WHERE offer_id = ?1"); break;
            case ActKind.Answer: Run("UPDATE offers SET accepted = 0, answered_on = 99991231 WHERE offer_id = ?1"); break;
            case ActKind.Withdrawal: Run("UPDATE offers SET withdrawn = 0, freed_from = 99991231 WHERE offer_id = ?1"); break;
        }

        void Run(string sql)
        {
            var statement = session.Statement(sql);
            statement.Bind(1, Ids.Parse(act.OfferId));
            statement.Run();
        }
    }

    private static void Determination(ActTakenBack act, WriteSession<SwCompanyStore> session)
    {
        var caseId = JoinedCases.IdOf(Ids.Parse(act.CaseId), session);
        // Of two decisions of one day we hold one.
        var isLeftOfThatDay = act.ActOn.Equals(act.DeterminedOn);
        var change = session.Statement(isLeftOfThatDay
            ? "UPDATE determinations SET determination = ?3 WHERE case_id = ?1 AND determined_on = ?2"
            : "DELETE FROM determinations WHERE case_id = ?1 AND determined_on = ?2");
        change.Bind(1, caseId);
        change.Bind(2, act.ActOn.ToDateOnly());
        if (isLeftOfThatDay) change.Bind(3, (int)act.Determination);
        change.Run();

        var forget = session.Statement("DELETE FROM cases WHERE case_id = ?1");
        forget.Bind(1, caseId);
        forget.Run();
        CasesAndOffers.Stands(caseId, session);
    }
}
