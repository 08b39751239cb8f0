using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Uwv;
using BeschutWerk.UwvAdvice.FromMunicipalities;

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
          outcome, state, assessed_on, sealed_assessment, issued_on, verdict, ground, withdrawn_on, version, ending, case_id, recorded_at,
          sealed_given_person
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
              outcome, state, assessed_on, sealed_assessment, issued_on, verdict, ground, withdrawn_on, version, ending, case_id, recorded_at,
              sealed_given_person)
            VALUES (?1, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?26, ?27, ?28, ?29)
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
        add.Bind(26, (int)Ending);
        add.BindOrNull(27, CaseId is { } caseId ? JoinedCases.IdOf(caseId, session) : null);
        add.Bind(28, RecordedAt.ToUnixTimeMilliseconds());
        add.BindOrNull(29, SealedGivenPerson);
        add.Run();
    }

    /// <summary>Stores how it stands now.</summary>
    public void Save(WriteSession<UwvStore> session)
    {
        var save = session.Statement("""
            UPDATE dossiers SET outcome = ?2, state = ?3, assessed_on = ?4, sealed_assessment = ?5, issued_on = ?6, verdict = ?7, ground = ?8,
              withdrawn_on = ?9, version = ?10, ending = ?11
            WHERE advice_request_id = ?1
            """);
        BindWhatChanges(save);
        save.Bind(11, (int)Ending);
        save.Run();
    }

    /// <summary>Stores whose request it is from now on, and as whom they were corrected where the record stays another.</summary>
    public void SaveCorrected(WriteSession<UwvStore> session, Guid personId, byte[]? sealedGivenPerson)
    {
        var save = session.Statement(
            "UPDATE dossiers SET person_id = ?2, sealed_given_person = ?4, version = ?3 WHERE advice_request_id = ?1");
        save.Bind(1, AdviceRequestId);
        save.Bind(2, personId);
        save.Bind(3, Version);
        save.BindOrNull(4, sealedGivenPerson);
        save.Run();
    }

    /// <summary>The requests of citizens themselves that their municipality may not see and that say what a record holds.</summary>
    public static List<(Guid AdviceRequestId, bool IsRunning)> OfCitizenAlone(WriteSession<UwvStore> session, Guid personId)
    {
        var rows = session.Statement("""
            SELECT advice_request_id, state FROM dossiers
            WHERE person_id = ?1 AND requester = ?2 AND shared_before_advice = 0 AND state <> ?3 AND sealed_given_person IS NULL
            """);
        rows.Bind(1, personId);
        rows.Bind(2, (int)Requester.Citizen);
        rows.Bind(3, (int)AdviceState.Issued);
        var found = new List<(Guid, bool)>();
        while (rows.Step())
        {
            found.Add((rows.Id(0), (AdviceState)rows.Number(1) != AdviceState.Withdrawn));
        }
        rows.Reset();
        return found;
    }

    /// <summary>Keeps what a request said of its person, whose record is about to say otherwise.</summary>
    public static void KeepGivenPerson(WriteSession<UwvStore> session, Guid adviceRequestId, byte[] sealedGivenPerson)
    {
        var keep = session.Statement("UPDATE dossiers SET sealed_given_person = ?2 WHERE advice_request_id = ?1");
        keep.Bind(1, adviceRequestId);
        keep.Bind(2, sealedGivenPerson);
        keep.Run();
    }

    /// <summary>How many requests there are about a record. Looks at all: persons are hardly ever corrected.</summary>
    public static long CountOf(WriteSession<UwvStore> session, Guid personId)
    {
        var count = session.Statement("SELECT COUNT(*) FROM dossiers WHERE person_id = ?1");
        count.Bind(1, personId);
        count.Step();
        var found = count.Number(0);
        count.Reset();
        return found;
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
        Ending = (AdviceEnding)row.Number(25),
        CaseId = row.IdOrNull(26),
        RecordedAt = DateTimeOffset.FromUnixTimeMilliseconds(row.Number(27)),
        SealedGivenPerson = row.IsNull(28) ? null : row.Bytes(28).ToArray(),
    };
}
