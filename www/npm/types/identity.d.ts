// What is known of users, roles and accounts.

/**
 * Policies, limits and labels of users, roles and accounts. Policies count for the key of an account whose key policy lets the account
 * decide. A principal is named by its ARN; a session stands for its role.
 */
export interface IdentityStore {
  /**
   * Attaches a policy, or replaces the one of that name.
   * @param principal the user's or role's ARN
   * @param name the policy's name, unique for the principal
   * @param policy the document: JSON text, or an object that is written as such
   */
  putPolicy(principal: string, name: string, policy: string | object): Promise<void>;
  /** Takes a policy away; nothing happens if there is none of that name. */
  deletePolicy(principal: string, name: string): Promise<void>;
  /** The policies of a principal, as they were put, by name. */
  listPolicies(principal: string): Promise<IdentityPolicy[]>;
  /**
   * Gives a principal a permissions boundary, in place of the one that it had: it may do what its policies and the boundary both allow.
   * @param policy the document: JSON text, or an object that is written as such
   */
  putBoundary(principal: string, policy: string | object): Promise<void>;
  /** Takes the boundary away; nothing happens if there is none. */
  deleteBoundary(principal: string): Promise<void>;
  /** The boundary, as it was put; undefined if there is none. */
  boundary(principal: string): Promise<string | undefined>;
  /** Labels a principal: `aws:PrincipalTag/…`. */
  putTag(principal: string, key: string, value: string): Promise<void>;
  /** Takes a label away; nothing happens if there is none of that key. */
  deleteTag(principal: string, key: string): Promise<void>;
  /** The labels of a principal. */
  tags(principal: string): Promise<Record<string, string>>;
  /**
   * Limits an account by service control policies, in place of those that it had. Every level has to allow a request.
   * @param account 12 digits
   * @param levels the policies of each level of its organization, from the root to the account; none: it is not limited
   */
  putServiceControlPolicies(account: string, levels: (string | object)[][]): Promise<void>;
  /** The service control policies of an account, as they were put, level by level. */
  serviceControlPolicies(account: string): Promise<string[][]>;
  /** Puts an account into the organization of that id, such as `o-a1b2c3d4e5`, or into none: `aws:PrincipalOrgID`. */
  putOrganization(account: string, organization: string | undefined): Promise<void>;
  /** The id of an account's organization; undefined if it is in none. */
  organization(account: string): Promise<string | undefined>;
}

/** A policy attached to a user or role. */
export interface IdentityPolicy {
  /** Its name. */
  name: string;
  /** JSON text. */
  policy: string;
}
