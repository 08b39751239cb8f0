using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// The persons of one store. A BSN is only a keyed hash to find by; BSN, name and birth date are sealed together.
/// </summary>
public sealed class Persons
{
    private readonly Func<string, Statement> _statement;
    private readonly StoreKeys _keys;

    internal Persons(Func<string, Statement> statement, StoreKeys keys) => (_statement, _keys) = (statement, keys);

    /// <summary>The person's id in this store, known or new. A changed name or birth date replaces the sealed one.</summary>
    public Guid FindOrAdd(Person person)
    {
        var hash = _keys.HashOfBsn(person.Bsn);
        if (Find(hash) is { } known)
        {
            if (!Get(known).Equals(person))
            {
                var update = _statement("UPDATE persons SET sealed = ?1 WHERE person_id = ?2");
                update.Bind(1, Seal(person.ToByteArray(), known));
                update.Bind(2, known);
                update.Run();
            }

            return known;
        }

        var id = Ids.New();
        var insert = _statement("INSERT INTO persons (person_id, bsn_hash, sealed) VALUES (?1, ?2, ?3)");
        insert.Bind(1, id);
        insert.Bind(2, hash);
        insert.Bind(3, Seal(person.ToByteArray(), id));
        insert.Run();
        return id;
    }

    /// <summary>The id of the person with this BSN; null when this store does not know him.</summary>
    public Guid? Find(string bsn) => Find(_keys.HashOfBsn(bsn));

    /// <summary>The person himself. Reading one is a processing: do it only where the caller may see him.</summary>
    public Person Get(Guid id)
    {
        var select = _statement("SELECT sealed FROM persons WHERE person_id = ?1");
        select.Bind(1, id);
        var box = select.Step() ? select.Bytes(0).ToArray() : throw new InvalidOperationException("A row refers to a person that this store does not hold.");
        select.Reset();
        return Person.Parser.ParseFrom(Unseal(box, id));
    }

    /// <summary>Keyed hash of a BSN with this store's key.</summary>
    public byte[] HashOf(string bsn) => _keys.HashOfBsn(bsn);

    /// <summary>Seals something about a person, such as an assessment, bound to the row that holds it.</summary>
    public byte[] Seal(ReadOnlySpan<byte> plain, Guid row) => _keys.Seal(plain, row);

    /// <summary>Opens what was sealed for that row.</summary>
    public byte[] Unseal(byte[] box, Guid row) => _keys.Unseal(box, row);

    private Guid? Find(byte[] hash)
    {
        var select = _statement("SELECT person_id FROM persons WHERE bsn_hash = ?1");
        select.Bind(1, hash);
        Guid? id = select.Step() ? select.Id(0) : null;
        select.Reset();
        return id;
    }
}
