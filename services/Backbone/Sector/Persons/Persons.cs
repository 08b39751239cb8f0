using System.Text;
using BeschutWerk.Backbone.Store;
using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;

namespace BeschutWerk.Sector.Persons;

/// <summary>
/// The persons of one store. A BSN is only a keyed hash to find by; BSN, name and birth date are sealed together.
/// </summary>
public sealed class Persons
{
    private readonly Func<string, Statement> _statement;
    private readonly StoreKeys _keys;

    internal Persons(Func<string, Statement> statement, StoreKeys keys) => (_statement, _keys) = (statement, keys);

    /// <summary>
    /// The person's id in this store, known or new. What is on record stays: a name or birth date that differs changes nothing,
    /// and is answered. Only <see cref="Correct"/> changes a record.
    /// </summary>
    public FoundPerson FindOrAdd(Person person)
    {
        var hash = Hash(person.Bsn);
        if (Find(hash) is not { } known) return new FoundPerson(Add(hash, person), Differs: PersonDifference.None);
        var record = Get(known);
        return new FoundPerson(
            known,
            (record.Name == person.Name ? PersonDifference.None : PersonDifference.Name)
                | (record.BirthDate.Equals(person.BirthDate) ? PersonDifference.None : PersonDifference.BirthDate));
    }

    /// <summary>Corrects who a record is about. Nobody is found by a BSN that was wrong, unless others have it rightly.</summary>
    /// <param name="known">The record that was wrong.</param>
    /// <param name="corrected">The person as they are.</param>
    /// <param name="isShared">Whether the record is also about others, for whom it was right: then it stays as it is.</param>
    /// <returns>
    /// The record of the person: another one when the BSN is known here or the record is shared. Whoever referred to the one
    /// that was wrong refers to this one now, and <see cref="Forget"/>s the other when nothing refers to it any more.
    /// </returns>
    public Guid Correct(Guid known, Person corrected, bool isShared)
    {
        var hash = Hash(corrected.Bsn);
        var record = Find(hash) ?? (isShared ? Add(hash, corrected) : known);
        Set(record, hash, corrected);
        return record;
    }

    /// <summary>
    /// Corrects two records that stand under each other's BSN. Whoever refers to them refers to the right person afterwards.
    /// </summary>
    public void Exchange(Guid one, Person ofOne, Guid other, Person ofOther)
    {
        // A BSN stands in one row only: the first gives its own up before the second takes it.
        Set(one, one.Bytes(), ofOne);
        Set(other, Hash(ofOther.Bsn), ofOther);
        Set(one, Hash(ofOne.Bsn), ofOne);
    }

    /// <summary>Removes a record to which nothing refers any more.</summary>
    public void Forget(Guid id)
    {
        var delete = _statement("DELETE FROM persons WHERE person_id = ?1");
        delete.Bind(1, id);
        delete.Run();
    }

    /// <summary>The id of the person with this BSN; null when this store does not know them.</summary>
    public Guid? Find(string bsn) => Find(Hash(bsn));

    /// <summary>The person on record. Reading one is a processing: do it only where the caller may see them.</summary>
    public Person Get(Guid id)
    {
        var select = _statement("SELECT sealed FROM persons WHERE person_id = ?1");
        select.Bind(1, id);
        var box = select.Step() ? select.Bytes(0).ToArray() : throw new InvalidOperationException("A row refers to a person that this store does not hold.");
        select.Reset();
        return Person.Parser.ParseFrom(Unseal(box, id));
    }

    /// <summary>Keyed hash of a BSN with this store's key.</summary>
    public byte[] HashOf(string bsn) => Hash(bsn);

    /// <summary>Keyed hash of a person's hash, for those who count persons and must recognise nobody: it leads back to no other hash of them.</summary>
    public Guid PseudonymOf(ReadOnlySpan<byte> hashOfBsn) => new(_keys.Hash("insight", hashOfBsn).AsSpan(0, 16), bigEndian: true);

    /// <summary>Seals something about a person, such as an assessment, bound to the row that holds it.</summary>
    public byte[] Seal(ReadOnlySpan<byte> plain, Guid row) => _keys.Seal(plain, row);

    /// <summary>Opens what was sealed for that row.</summary>
    public byte[] Unseal(byte[] box, Guid row) => _keys.Unseal(box, row);

    private void Set(Guid id, byte[] hash, Person person)
    {
        var update = _statement("UPDATE persons SET bsn_hash = ?1, sealed = ?2 WHERE person_id = ?3");
        update.Bind(1, hash);
        update.Bind(2, Seal(person.ToByteArray(), id));
        update.Bind(3, id);
        update.Run();
    }

    private Guid Add(byte[] hash, Person person)
    {
        var id = Ids.New();
        var insert = _statement("INSERT INTO persons (person_id, bsn_hash, sealed) VALUES (?1, ?2, ?3)");
        insert.Bind(1, id);
        insert.Bind(2, hash);
        insert.Bind(3, Seal(person.ToByteArray(), id));
        insert.Run();
        return id;
    }

    private Guid? Find(byte[] hash)
    {
        var select = _statement("SELECT person_id FROM persons WHERE bsn_hash = ?1");
        select.Bind(1, hash);
        Guid? id = select.Step() ? select.Id(0) : null;
        select.Reset();
        return id;
    }

    private byte[] Hash(string bsn) => _keys.Hash("bsn", Encoding.ASCII.GetBytes(bsn));
}
