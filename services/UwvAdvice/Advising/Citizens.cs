using BeschutWerk.Backbone.Security;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Sector.Persons;

namespace BeschutWerk.UwvAdvice.Advising;

/// <summary>
/// The persons whom citizens' tokens named when they asked. A token names no BSN, so that the person of a caller could not be found without
/// this. What stands here is only where to look: who a record is about, the record says.
/// </summary>
internal static class Citizens
{
    /// <summary>A citizen asked about themselves.</summary>
    public static void Note(WriteSession<UwvStore> session, TokenPerson citizen, Guid personId)
    {
        var note = session.Statement("""
            INSERT INTO citizens (person, person_id) VALUES (?1, ?2)
            ON CONFLICT (person) DO UPDATE SET person_id = excluded.person_id
            """);
        note.Bind(1, citizen.Hash);
        note.Bind(2, personId);
        note.Run();
    }

    /// <summary>Whether a token named the person of a record: then the token server knows that the BSN is theirs.</summary>
    public static bool IsNamed(WriteSession<UwvStore> session, Guid personId)
    {
        var row = session.Statement("SELECT 1 FROM citizens WHERE person_id = ?1");
        row.Bind(1, personId);
        var found = row.Step();
        row.Reset();
        return found;
    }

    /// <summary>The record of the citizen who calls; null when there is none.</summary>
    public static Guid? RecordOf(Caller caller, ReadSession<UwvStore> session)
    {
        // Who asked before tokens named persons is found by their pseudonym, which may then have asked as anybody.
        var rows = session.Statement("""
            SELECT p.person_id
            FROM (SELECT person_id FROM citizens WHERE person = ?1 UNION SELECT person_id FROM dossiers WHERE asked_by = ?2) known
            JOIN persons p ON p.person_id = known.person_id
            """);
        rows.Bind(1, caller.Person!.Hash);
        rows.Bind(2, caller.OrganisationId);
        var found = new List<Guid>();
        while (rows.Step()) found.Add(rows.Id(0));
        rows.Reset();
        return found.Find(id => caller.IsPerson(session.Persons.Get(id).Bsn)) is var record && record != Guid.Empty ? record : null;
    }
}
