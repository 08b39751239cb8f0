using BeschutWerk.Contracts.Backbone;
using Google.Protobuf;
using Microsoft.Data.Sqlite;

namespace BeschutWerk.Backbone.Store;

/// <summary>
/// The persons of one store. A BSN is only a keyed hash to find by; BSN, name and birth date are sealed together.
/// </summary>
public sealed class Persons
{
    private readonly Func<string, SqliteCommand> _command;
    private readonly StoreKeys _keys;

    internal Persons(Func<string, SqliteCommand> command, StoreKeys keys) => (_command, _keys) = (command, keys);

    /// <summary>The person's id in this store, known or new. A changed name or birth date replaces the sealed one.</summary>
    public Guid FindOrAdd(Person person)
    {
        var hash = _keys.HashOfBsn(person.Bsn);
        if (Find(hash) is { } known)
        {
            if (!Get(known).Equals(person))
            {
                var update = _command("UPDATE persons SET sealed = $sealed WHERE person_id = $id");
                update.Set("$sealed", Seal(person.ToByteArray(), known)).Set("$id", known.Bytes()).ExecuteNonQuery();
            }

            return known;
        }

        var id = Ids.New();
        var insert = _command("INSERT INTO persons (person_id, bsn_hash, sealed) VALUES ($id, $hash, $sealed)");
        insert.Set("$id", id.Bytes()).Set("$hash", hash).Set("$sealed", Seal(person.ToByteArray(), id)).ExecuteNonQuery();
        return id;
    }

    /// <summary>The id of the person with this BSN; null when this store does not know him.</summary>
    public Guid? Find(string bsn) => Find(_keys.HashOfBsn(bsn));

    /// <summary>The person himself. Reading one is a processing: do it only where the caller may see him.</summary>
    public Person Get(Guid id)
    {
        var select = _command("SELECT sealed FROM persons WHERE person_id = $id").Set("$id", id.Bytes());
        return select.ExecuteScalar() is byte[] box
            ? Person.Parser.ParseFrom(Unseal(box, id))
            : throw new InvalidOperationException("A row refers to a person that this store does not hold.");
    }

    /// <summary>Keyed hash of a BSN with this store's key.</summary>
    public byte[] HashOf(string bsn) => _keys.HashOfBsn(bsn);

    /// <summary>Seals something about a person, such as an assessment, bound to the row that holds it.</summary>
    public byte[] Seal(ReadOnlySpan<byte> plain, Guid row) => _keys.Seal(plain, row);

    /// <summary>Opens what was sealed for that row.</summary>
    public byte[] Unseal(byte[] box, Guid row) => _keys.Unseal(box, row);

    private Guid? Find(byte[] hash) =>
        _command("SELECT person_id FROM persons WHERE bsn_hash = $hash").Set("$hash", hash).ExecuteScalar() is byte[] id
            ? Ids.FromBytes(id)
            : null;
}
