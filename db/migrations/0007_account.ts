/** Invitations, what a person's new films start from, and the people who are leaving. */
import { createIndex, createTable, type Migration } from "./kit.ts";

export const account: Migration = {
  name: "0007_account",
  async up(kit) {
    await createTable(kit, {
      name: "invitations",
      columns: {
        id: "text!",
        token_hash: "text!",
        note: "text!",
        role: "text!",
        created_by: "text!",
        created_at: "int!",
        expires_at: "int!",
        used_at: "int",
        used_by: "text",
      },
      options: { primary: ["id"], unique: [["token_hash"]], belongs: { created_by: "users.id" } },
    });
    await createIndex(kit, {
      name: "invitations_order",
      table: "invitations",
      columns: ["created_at", "id"],
    });
    await createTable(kit, {
      name: "account_defaults",
      columns: { user_id: "text!", settings_json: "json!", updated_at: "int!" },
      options: { primary: ["user_id"], belongs: { user_id: "users.id" } },
    });
    // A row stays until nothing of the person is left.
    await createTable(kit, {
      name: "departures",
      columns: { user_id: "text!", begun_at: "int!" },
      options: { primary: ["user_id"], belongs: { user_id: "users.id" } },
    });
  },
};
