using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;

namespace BeschutWerk.UwvAdvice;

/// <summary>
/// The rows of dossiers by prepared statements: every call of an adviser reads one and writes one, and EF Core takes several
/// times as long for each. The work queue reads them by EF Core.
/// </summary>
internal sealed partial class Dossier
{
    private const string Select = """
        SELECT advice_request_id, person_id, requester, asked_by, kind, benefit, prior_contact, previous_advice_request_id, old_wsw_advice,
          new_facts_since_wsw_indication, new_facts_since_earlier_advice, earlier_advice_on, requester_reference, shared_before_advice, received_on, due_on,
          outcome, state, assessed_on, sealed_assessment, issued_on, verdict, ground, withdrawn_on, version
        FROM dossiers WHERE advice_request_id = ?1
        """;

    /// <summary>A request as it stands in the file; null when there is none.</summary>
    public static Dossier? Find(WriteSession<UwvStore> session, Guid adviceRequestId) => Find(session.Statement(Select), adviceRequestId);

    /// <summary>A request as it stands in the file; null when there is none.</summary>
    public static Dossier? Find(ReadSession<UwvStore> session, Guid adviceRequestId) => Find(session.Statement(Select), adviceRequestId);

    /// <summary>Stores a request that just came in, with all that was decided at once.</summary>
    public void Add(WriteSession<UwvStore> session)
    {
        var add = session.Statement("""
            INSERT INTO dossiers (
              advice_request_id, person_id, requester, asked_by, kind, benefit, prior_contact, previous_advice_request_id, old_wsw_advice,
              new_facts_since_wsw_indication, new_facts_since_earlier_advice, earlier_advice_on, requester_reference, shared_before_advice, received_on, due_on,
              outcome, state, assessed_on, sealed_assessment, issued_on, verdict, ground, withdrawn_on, version)
            VALUES (?1, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
            """);
        BindWhatChanges(add);
        add.Bind(11, PersonId);
        add.Bind(12, (int)Requester);
        add.BindOrNull(13, AskedBy);
        add.Bind(14, (int)Kind);
        add.Bind(15, (int)Benefit);
        add.Bind(16, (int)PriorContact);
        add.BindOrNull(17, PreviousAdviceRequestId);
        add.Bind(18, (int)OldWswAdvice);
        add.Bind(19, NewFactsSinceWswIndication ? 1 : 0);
        add.Bind(20, NewFactsSinceEarlierAdvice ? 1 : 0);
        add.BindOrNull(21, EarlierAdviceOn);
        add.BindOrNull(22, RequesterReference);
        add.Bind(23, SharedBeforeAdvice ? 1 : 0);
        add.Bind(24, ReceivedOn);
        add.Bind(25, DueOn);
        add.Run();
    }

    /// <summary>Stores how it stands now.</summary>
    public void Save(WriteSession<UwvStore> session)
    {
        var save = session.Statement("""
            UPDATE dossiers SET outcome = ?2, state = ?3, assessed_on = ?4, sealed_assessment = ?5, issued_on = ?6, verdict = ?7, ground = ?8,
              withdrawn_on = ?9, version = ?10
            WHERE advice_request_id = ?1
            """);
        BindWhatChanges(save);
        save.Run();
    }

    private void BindWhatChanges(Statement statement)
    {
        statement.Bind(1, AdviceRequestId);
        statement.Bind(2, (int)Outcome);
        statement.Bind(3, (int)State);
        statement.BindOrNull(4, AssessedOn);
        statement.BindOrNull(5, SealedAssessment);
        statement.BindOrNull(6, IssuedOn);
        statement.Bind(7, (int)Verdict);
        statement.Bind(8, (int)Ground);
        statement.BindOrNull(9, WithdrawnOn);
        statement.Bind(10, Version);
    }

    private static Dossier? Find(Statement row, Guid adviceRequestId)
    {
        row.Bind(1, adviceRequestId);
        var found = row.Step() ? Read(row) : null;
        row.Reset();
        return found;
    }

    private static Dossier Read(Statement row) => new()
    {
        AdviceRequestId = row.Id(0),
        PersonId = row.Id(1),
        Requester = (Requester)row.Number(2),
        AskedBy = row.TextOrNull(3),
        Kind = (AdviceKind)row.Number(4),
        Benefit = (Benefit)row.Number(5),
        PriorContact = (PriorContact)row.Number(6),
        PreviousAdviceRequestId = row.IdOrNull(7),
        OldWswAdvice = (OldWswAdvice)row.Number(8),
        NewFactsSinceWswIndication = row.Number(9) != 0,
        NewFactsSinceEarlierAdvice = row.Number(10) != 0,
        EarlierAdviceOn = row.DateOrNull(11),
        RequesterReference = row.IdOrNull(12),
        SharedBeforeAdvice = row.Number(13) != 0,
        ReceivedOn = row.Date(14),
        DueOn = row.Date(15),
        Outcome = (Outcome)row.Number(16),
        State = (AdviceState)row.Number(17),
        AssessedOn = row.DateOrNull(18),
        SealedAssessment = row.IsNull(19) ? null : row.Bytes(19).ToArray(),
        IssuedOn = row.DateOrNull(20),
        Verdict = (Verdict)row.Number(21),
        Ground = (Ground)row.Number(22),
        WithdrawnOn = row.DateOrNull(23),
        Version = row.Number(24),
    };
}
